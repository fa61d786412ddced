using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>
/// Hand-written checks of built-in types: the ones a writer of manifests or of a controller runs into.
/// </summary>
internal static partial class BuiltinValidation
{
    private const int MaxConfigBytes = 1024 * 1024;

    public static void Pod(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        JsonObject spec = document.Map("spec") ?? [];
        PodSpec(spec, "spec", errors);
        if (old is not null && !SamePodSpec(old.Map("spec") ?? [], spec))
        {
            errors.Add(FieldError.Forbidden(
                "spec",
                "pod updates may not change fields other than "
                    + "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                    + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
        }
    }

    public static void Workload(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        JsonObject spec = document.Map("spec") ?? [];
        JsonObject? selector = spec.Map("selector");
        if (selector is null || (selector.Map("matchLabels") is null && !selector.Items("matchExpressions").Any()))
            errors.Add(FieldError.Required("spec.selector"));
        PodSpec(spec.Map("template", "spec") ?? [], "spec.template.spec", errors);
        JsonObject labels = spec.Map("template", "metadata", "labels") ?? [];
        bool matches = selector.Map("matchLabels")?.All(l => labels[l.Key].AsText() == l.Value.AsText()) ?? true;
        if (!matches)
        {
            errors.Add(FieldError.Invalid(
                "spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
        }
        if (old is not null && !JsonNode.DeepEquals(old.At("spec", "selector"), selector))
            errors.Add(FieldError.Invalid("spec.selector", selector, "field is immutable"));
    }

    public static void ConfigMap(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        Keys(document, "data", errors);
        Keys(document, "binaryData", errors);
        Immutable(document, old, errors);
    }

    public static void Secret(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        Keys(document, "data", errors);
        if (old is not null && old.Text("type") != document.Text("type"))
            errors.Add(FieldError.Invalid("type", document["type"], "field is immutable"));
        Immutable(document, old, errors);
    }

    public static void Service(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        string type = document.Text("spec", "type");
        string[] types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
        if (!types.Contains(type)) errors.Add(FieldError.NotSupported("spec.type", type, types));
        bool headless = document.Text("spec", "clusterIP") == "None";
        if (!headless && type != "ExternalName" && !document.Items("spec", "ports").Any())
            errors.Add(FieldError.Required("spec.ports"));
        int index = 0;
        foreach (JsonNode? port in document.Items("spec", "ports"))
            Port(port, "port", $"spec.ports[{index++}].port", errors);
    }

    public static void Lease(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        foreach (string field in new[] { "leaseDurationSeconds", "leaseTransitions" })
        {
            if (document.Integer("spec", field) is not { } value) continue;
            bool refused = field == "leaseDurationSeconds" ? value <= 0 : value < 0;
            string rule = field == "leaseDurationSeconds"
                ? "must be greater than 0"
                : "must be greater than or equal to 0";
            if (refused) errors.Add(FieldError.Invalid($"spec.{field}", value, rule));
        }
    }

    public static void Event(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        string involved = document.Text("involvedObject", "namespace");
        string expected = involved.Length == 0 ? "default" : involved;
        bool legal = document.Namespace == expected || (involved.Length == 0 && document.Namespace is "kube-system");
        if (!legal) errors.Add(
            FieldError.Invalid("involvedObject.namespace", involved, "does not match event.namespace"));
        if (document.At("eventTime") is not null) NewStyle(document, "reportingComponent", errors);
    }

    public static void NewEvent(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        if (document.At("eventTime") is null && old is null) errors.Add(FieldError.Required("eventTime"));
        else NewStyle(document, "reportingController", errors);
        if (document.Text("type") is not ("Normal" or "Warning"))
            errors.Add(FieldError.Invalid("type", "", $"has invalid value: {document.Text("type")}"));
    }

    public static void Role(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        int index = 0;
        foreach (JsonNode? rule in document.Items("rules"))
        {
            string path = $"rules[{index++}]";
            if (!rule.Items("verbs").Any())
                errors.Add(FieldError.Required($"{path}.verbs", "verbs must contain at least one value"));
            if (rule.Items("nonResourceURLs").Any()) continue;
            if (!rule.Items("apiGroups").Any())
                errors.Add(
                    FieldError.Required($"{path}.apiGroups", "resource rules must supply at least one api group"));
            if (!rule.Items("resources").Any())
                errors.Add(
                    FieldError.Required($"{path}.resources", "resource rules must supply at least one resource"));
        }
    }

    public static void Binding(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        string kind = document.Text("roleRef", "kind");
        string[] kinds = document.Text("kind") == "ClusterRoleBinding" ? ["ClusterRole"] : ["Role", "ClusterRole"];
        if (!kinds.Contains(kind)) errors.Add(FieldError.NotSupported("roleRef.kind", kind, kinds));
        if (document.Text("roleRef", "name").Length == 0) errors.Add(FieldError.Required("roleRef.name"));
        if (old is not null && !JsonNode.DeepEquals(old["roleRef"], document["roleRef"]))
            errors.Add(FieldError.Invalid("roleRef", document["roleRef"], "cannot change roleRef"));
        int index = 0;
        foreach (JsonNode? subject in document.Items("subjects"))
        {
            string path = $"subjects[{index++}]", subjectKind = subject.Text("kind");
            string[] subjectKinds = ["ServiceAccount", "User", "Group"];
            if (subject.Text("name").Length == 0) errors.Add(FieldError.Required($"{path}.name"));
            if (!subjectKinds.Contains(subjectKind))
                errors.Add(FieldError.NotSupported($"{path}.kind", subjectKind, subjectKinds));
            // A RoleBinding means its own namespace when none is given.
            bool needsNamespace = subjectKind == "ServiceAccount" && document.Text("kind") == "ClusterRoleBinding";
            if (needsNamespace && subject.Text("namespace").Length == 0)
                errors.Add(FieldError.Required($"{path}.namespace"));
        }
    }

    private static void NewStyle(JsonObject document, string controller, ICollection<FieldError> errors)
    {
        if (document.Text(controller).Length == 0) errors.Add(FieldError.Required(controller));
        if (document.Text("reportingInstance").Length == 0) errors.Add(FieldError.Required("reportingInstance"));
        if (document.Text("action").Length == 0) errors.Add(FieldError.Required("action"));
        if (document.Text("reason").Length == 0) errors.Add(FieldError.Required("reason"));
    }

    private static void PodSpec(JsonObject spec, string path, ICollection<FieldError> errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        if (!spec.Items("containers").Any()) errors.Add(FieldError.Required($"{path}.containers"));
        foreach (string list in new[] { "initContainers", "containers" })
        {
            int index = 0;
            foreach (JsonNode? container in spec.Items(list))
                Container(container, $"{path}.{list}[{index++}]", names, spec, errors);
        }
        string[] policies = ["Always", "OnFailure", "Never"];
        if (!policies.Contains(spec.Text("restartPolicy")))
            errors.Add(FieldError.NotSupported($"{path}.restartPolicy", spec.Text("restartPolicy"), policies));
        string node = spec.Text("nodeName");
        if (node.Length > 0 && Names.SubdomainProblem(node) is { } problem)
            errors.Add(FieldError.Invalid($"{path}.nodeName", node, problem));
    }

    private static void Container(
        JsonNode? container, string path, HashSet<string> names, JsonObject spec, ICollection<FieldError> errors)
    {
        string name = container.Text("name");
        if (name.Length == 0) errors.Add(FieldError.Required($"{path}.name"));
        else if (Names.LabelProblem(name) is { } problem) errors.Add(FieldError.Invalid($"{path}.name", name, problem));
        else if (!names.Add(name)) errors.Add(FieldError.Duplicate($"{path}.name", name));
        if (container.Text("image").Length == 0) errors.Add(FieldError.Required($"{path}.image"));
        int index = 0;
        foreach (JsonNode? port in container.Items("ports"))
        {
            string portPath = $"{path}.ports[{index++}]";
            Port(port, "containerPort", $"{portPath}.containerPort", errors);
            bool differs = spec.Boolean("hostNetwork") == true
                && port.Integer("hostPort") != port.Integer("containerPort");
            if (differs)
            {
                errors.Add(FieldError.Invalid(
                    $"{portPath}.hostPort", port.At("hostPort"),
                    "must match `containerPort` when `hostNetwork` is true"));
            }
        }
        HashSet<string> volumes = [.. spec.Items("volumes").Select(v => v.Text("name"))];
        index = 0;
        foreach (JsonNode? mount in container.Items("volumeMounts"))
        {
            string mountPath = $"{path}.volumeMounts[{index++}]", volume = mount.Text("name");
            if (!volumes.Contains(volume))
                errors.Add(new FieldError(
                    FieldErrorReason.FieldValueNotFound, $"{mountPath}.name", $"Not found: \"{volume}\""));
            if (mount.Text("mountPath").Length == 0) errors.Add(FieldError.Required($"{mountPath}.mountPath"));
        }
    }

    private static void Port(JsonNode? port, string field, string path, ICollection<FieldError> errors)
    {
        if (port.Integer(field) is not { } number) errors.Add(FieldError.Required(path));
        else if (number is < 1 or > 65535)
            errors.Add(FieldError.Invalid(path, number, "must be between 1 and 65535, inclusive"));
    }

    /// <summary>Compares what may not change: everything but images, the deadline and further tolerations.</summary>
    private static bool SamePodSpec(JsonObject old, JsonObject updated)
    {
        (JsonObject a, JsonObject b) = (old.Copy(), updated.Copy());
        foreach (JsonObject spec in new[] { a, b })
        {
            foreach (JsonNode? container in spec.Items("containers").Concat(spec.Items("initContainers")))
                (container as JsonObject)?.Remove("image");
            spec.Remove("activeDeadlineSeconds");
            spec.Remove("tolerations");
        }
        bool keepsTolerations = old.Items("tolerations")
            .All(t => updated.Items("tolerations").Any(u => JsonNode.DeepEquals(t, u)));
        // Binding to a node is done through a subresource that is not served here; the lab's pods arrive bound.
        return keepsTolerations && JsonNode.DeepEquals(a, b);
    }

    private static void Immutable(JsonObject document, JsonObject? old, ICollection<FieldError> errors)
    {
        if (old.Boolean("immutable") != true) return;
        if (document.Boolean("immutable") != true)
            errors.Add(FieldError.Forbidden("immutable", "field is immutable when `immutable` is set"));
        foreach (string field in new[] { "data", "binaryData" })
            if (!JsonNode.DeepEquals(old.At(field), document[field]))
                errors.Add(FieldError.Forbidden(field, "field is immutable when `immutable` is set"));
    }

    private static void Keys(JsonObject document, string field, ICollection<FieldError> errors)
    {
        const string rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
            + "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
        long size = 0;
        foreach ((string key, JsonNode? value) in document.Map(field) ?? [])
        {
            size += Encoding.UTF8.GetByteCount(value.AsText() ?? "");
            if (!ConfigKey().IsMatch(key)) errors.Add(FieldError.Invalid($"{field}[{key}]", key, rule));
        }
        if (size > MaxConfigBytes) errors.Add(FieldError.TooLong("", MaxConfigBytes));
    }

    [GeneratedRegex(@"^[-._a-zA-Z0-9]{1,253}\z")]
    private static partial Regex ConfigKey();
}
