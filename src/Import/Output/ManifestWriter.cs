using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>Writes VirtualIPs and the Secrets that they name.</summary>
internal static class ManifestWriter
{
    public static IReadOnlyList<Manifest> Write(IReadOnlyList<Draft> drafts, ImportOptions options)
    {
        List<Manifest> manifests = [];
        foreach (Draft draft in drafts)
        {
            if (draft.Credential is { } credential)
                manifests.Add(
                    new Manifest($"{draft.Name}-secret.yaml", Secret(draft, credential, options), IsSecret: true));
            manifests.Add(new Manifest($"{draft.Name}.yaml", VirtualIP(draft, options), IsSecret: false));
        }

        return manifests;
    }

    private static string Secret(Draft draft, Credential credential, ImportOptions options)
    {
        SecretKeyReference reference = draft.Spec.Vrrp.Authentication.SecretRef!;
        Yaml yaml = new();
        yaml.Comment(credential.IsHmac
            ? $"The key of {credential.From.Place}."
            : $"The password of {credential.From.Place}. It is sent in clear: it keeps accidents apart, not attackers.");
        if (credential.Value is null)
        {
            yaml.Comment("Put the content of that file here before you apply this.");
        }

        yaml.Key("apiVersion", "v1").Key("kind", "Secret");
        Metadata(yaml, reference.Name, options);
        yaml.Key("type", "Opaque");
        yaml.Map("stringData", data => data.Key(reference.Key, credential.Value ?? ""));
        return yaml.ToString();
    }

    private static string VirtualIP(Draft draft, ImportOptions options)
    {
        Yaml yaml = new();
        foreach (string origin in draft.Origins)
            yaml.Comment($"From {origin}.");
        if (options.Step == ImportStep.Join)
            yaml.Comment("For joining: keepalived keeps the addresses while it runs.");
        else if (options.Step == ImportStep.TakeOver)
            yaml.Comment("For taking over: the members are better than keepalived, which yields.");
        yaml.Key("apiVersion", GroupVersion.ApiVersion).Key("kind", Api.VirtualIP.KindName);
        Metadata(yaml, draft.Name, options);
        yaml.Map("spec", spec => Spec(spec, draft.Spec));
        return yaml.ToString();
    }

    private static void Metadata(Yaml yaml, string name, ImportOptions options) => yaml.Map("metadata", metadata =>
    {
        metadata.Key("name", name);
        if (options.Namespace is not null)
            metadata.Key("namespace", options.Namespace);
    });

    private static void Spec(Yaml yaml, VirtualIPSpec spec)
    {
        yaml.Line("addresses", Yaml.Sequence(spec.Addresses));
        if (spec.InterfaceName is not null)
            yaml.Key("interfaceName", spec.InterfaceName);
        yaml.Map("selector", selector => selector.Line("matchLabels", Yaml.Mapping(spec.Selector.MatchLabels!)));
        if (spec.VirtualRouterId is { } id)
            yaml.Key("virtualRouterId", id);
        yaml.Map("vrrp", vrrp => Vrrp(vrrp, spec.Vrrp));
        yaml.Map("priority", priority => Priority(priority, spec.Priority));
        if (spec.Probe is not null)
            yaml.Map("probe", probe => Probe(probe, spec.Probe));
    }

    private static void Vrrp(Yaml yaml, VrrpSpec vrrp)
    {
        VrrpSpec defaults = new();
        yaml.Key("version", vrrp.Version);
        yaml.Key("advertisementInterval", vrrp.AdvertisementInterval.ToString());
        if (vrrp.Preempt != defaults.Preempt)
            yaml.Line(
                "preempt", $"{{enabled: {(vrrp.Preempt.Enabled ? "true" : "false")}, delay: {vrrp.Preempt.Delay}}}");
        if (vrrp.Transport != defaults.Transport)
            yaml.Key("transport", vrrp.Transport.ToString());
        if (vrrp.Authentication.SecretRef is { } secret)
        {
            yaml.Map("authentication", authentication => authentication
                .Key("type", vrrp.Authentication.Type.ToString())
                .Line("secretRef", $"{{name: {Yaml.Scalar(secret.Name)}, key: {Yaml.Scalar(secret.Key)}}}"));
        }

        if (vrrp.AnnouncementRefresh != defaults.AnnouncementRefresh)
            yaml.Key("announcementRefresh", vrrp.AnnouncementRefresh.ToString());
        if (vrrp.VirtualMac)
            yaml.Key("virtualMac", true);
    }

    private static void Priority(Yaml yaml, PrioritySpec priority)
    {
        yaml.Key("highest", priority.Highest);
        if (priority.Preferences is not { Count: > 0 } preferences)
            return;
        yaml.List("preferences", preferences.Select(p => (IReadOnlyList<string>)
        [
            $"nodeSelector: {{matchLabels: {Yaml.Mapping(p.NodeSelector.MatchLabels!)}}}",
            FormattableString.Invariant($"weight: {p.Weight}"),
        ]));
    }

    private static void Probe(Yaml yaml, ProbeSpec probe)
    {
        if (probe.Http is { } http)
            yaml.Map("http", target => Http(target, http));
        if (probe.Tcp is { } tcp)
            yaml.Line("tcp", FormattableString.Invariant($"{{port: {tcp.Port}}}"));
        if (probe.Process is { } process)
            yaml.Line("process", $"{{name: {Yaml.Scalar(process.Name)}}}");
        yaml.Key("interval", probe.Interval.ToString());
        yaml.Key("timeout", probe.Timeout.ToString());
        yaml.Key("failureThreshold", probe.FailureThreshold);
        yaml.Key("successThreshold", probe.SuccessThreshold);
        if (probe.RestartGrace != GatewayDuration.Zero)
            yaml.Key("restartGrace", probe.RestartGrace.ToString());
        yaml.Key("onFailure", probe.OnFailure.ToString());
        if (probe.Weight is { } weight)
            yaml.Key("weight", weight);
    }

    private static void Http(Yaml yaml, HttpProbeSpec http)
    {
        yaml.Key("port", http.Port);
        yaml.Key("path", http.Path);
        if (http.Host.Length > 0)
            yaml.Key("host", http.Host);
        yaml.Line("expectedStatus", $"\"{http.ExpectedStatus}\"");
        if (http.Scheme != ProbeScheme.HTTP)
            yaml.Key("scheme", http.Scheme.ToString());
    }
}
