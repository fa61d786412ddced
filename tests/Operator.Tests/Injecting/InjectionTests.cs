using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Injecting;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests.Injecting;

/// <summary>The webhook of a whole operator, over TLS, and the certificates that it keeps at an API server.</summary>
public sealed class InjectionTests(ApiServerFixture fixture) : IDisposable
{
    private const string Webhooks = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    private static readonly ApiPatience Eager = new() { CertificateInterval = TimeSpan.FromMilliseconds(50) };

    private readonly TestApi _api = fixture.Api;
    private readonly string _file = Path.GetTempFileName();
    private TestCluster _cluster = null!;

    private string Name => $"{_cluster.Namespace}-injection";

    private string Host => $"{Name}.{_cluster.Namespace}.svc";

    private string SecretPath => $"/api/v1/namespaces/{_cluster.Namespace}/secrets/{Name}";

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Leader_MakesACertificateThatApiServersTrust_AndWritesNothingMore()
    {
        await InstallAsync();
        await using TestOperator running = await StartAsync();
        await ReadyAsync(running);

        Assert.Equal(await BundleAsync(), Read(await SecretAsync()).Authorities);
        HttpResponseMessage answer = await AskAsync(running, Sidecar.Review(Sidecar.Pod()));
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("/spec/containers/-", Sidecar.PatchOf(JsonNode.Parse(text)!)![0]!["path"]!.GetValue<string>());

        int reads = await ReadsAsync(running);
        await Eventually.TrueAsync(async () => await ReadsAsync(running) >= reads + 5);
        Assert.Equal(2, running.Writes);
        string metrics = (await running.GetAsync("/metrics")).Text;
        Assert.Contains(
            "vipoperator_operator_injections_total{outcome=\"injected\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains(
            "vipoperator_operator_injection_certificate_expiry_timestamp_seconds ", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneThatStandsBy_ServesTheSameAndWritesNothing()
    {
        await InstallAsync();
        await using TestOperator leader = await StartAsync();
        await ReadyAsync(leader);
        await using TestOperator other = await StartAsync();
        await ReadyAsync(other);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(other, Sidecar.Review(Sidecar.Pod()))).StatusCode);
        Assert.Equal(await ServedAsync(leader), await ServedAsync(other));
        Assert.False(other.IsLeader);
        Assert.Equal(0, other.Writes);
    }

    [Fact]
    public async Task Renewal_ServesTheOldOneUntilTheNewOneIsKnown_WithoutARestart()
    {
        await InstallAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        CertificateSet old = new CertificateSet(null, null).At(now.AddDays(-65), Host);
        await PutSecretAsync(old);
        await using TestOperator running = await StartAsync();
        await ReadyAsync(running);

        await Eventually.TrueAsync(async () => Read(await SecretAsync()).Earlier == old.Latest);
        CertificateSet renewed = Read(await SecretAsync());
        await Eventually.TrueAsync(
            async () => await BundleAsync() == renewed.Latest!.Authority + old.Latest!.Authority);
        Assert.Equal(Thumbprint(old.Latest!), await ServedAsync(running));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(running, Sidecar.Review(Sidecar.Pod()))).StatusCode);

        // As it is an hour and more later.
        CertificateSet later = new(CertificatePair.Issue(Host, now.AddHours(-2)), old.Latest);
        await PutSecretAsync(later);
        await Eventually.TrueAsync(async () => await ServedAsync(running) == Thumbprint(later.Latest!));
        await Eventually.TrueAsync(async () => await BundleAsync() == later.Authorities);
    }

    [Fact]
    public async Task BundleThatSomebodyTookAway_IsPutBack()
    {
        await InstallAsync();
        await using TestOperator running = await StartAsync();
        await ReadyAsync(running);
        string? bundle = await BundleAsync();

        await ReplaceConfigurationAsync(Configuration());

        await Eventually.TrueAsync(async () => await BundleAsync() == bundle);
        JsonNode webhook = (await _api.GetAsync($"{Webhooks}/{Name}")).Body!["webhooks"]![0]!;
        Assert.Equal("/mutate", webhook["clientConfig"]!["service"]!["path"]!.GetValue<string>());
    }

    [Fact]
    public async Task WithoutItsSecret_TheOperatorIsNotReadyAndTheHandshakeFails()
    {
        _cluster = await fixture.NewClusterAsync();
        await using TestOperator running = await StartAsync();
        await Eventually.TrueAsync(() => Task.FromResult(running.IsLeader));

        (HttpStatusCode code, string text) = await running.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Equal("The webhook has no certificate yet.\n", text);
        await Assert.ThrowsAnyAsync<Exception>(() => ServedAsync(running));
        Assert.Equal(HttpStatusCode.OK, (await running.GetAsync("/healthz")).Code);

        await InstallObjectsAsync();
        await ReadyAsync(running);
    }

    [Fact]
    public async Task WhatIsNoQuestion_IsAnsweredClearly()
    {
        await InstallAsync();
        await using TestOperator running = await StartAsync();
        await ReadyAsync(running);

        HttpResponseMessage bad = await AskAsync(running, "{}");
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Equal(
            "The body is no AdmissionReview of admission.k8s.io/v1.\n",
            await bad.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge,
            (await AskAsync(running, new string(' ', 5 * 1024 * 1024))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await AskAsync(running, null)).StatusCode);

        // Each port serves its own.
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(running, null, "/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await running.GetAsync("/mutate")).Code);
        Assert.Contains(
            "vipoperator_operator_injections_total{outcome=\"invalid\"} 2", (await running.GetAsync("/metrics")).Text,
            StringComparison.Ordinal);
    }

    private async Task InstallAsync()
    {
        _cluster = await fixture.NewClusterAsync();
        await InstallObjectsAsync();
    }

    private async Task InstallObjectsAsync()
    {
        Ensure(await _api.PostYamlAsync(
            $"/api/v1/namespaces/{_cluster.Namespace}/secrets",
            $"{{apiVersion: v1, kind: Secret, metadata: {{name: {Name}}}, type: Opaque}}"));
        Ensure(await _api.PostAsync(Webhooks, Configuration()));
    }

    private JsonNode Configuration() => JsonNode.Parse(
        $$"""
        {
          "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "{{Name}}"},
          "webhooks": [{
            "name": "inject.vipoperator.io", "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Fail",
            "clientConfig": {"service": {"name": "{{Name}}", "namespace": "{{_cluster.Namespace}}", "path": "/mutate", "port": 443} },
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "{{_cluster.Namespace}}"} },
            "objectSelector": {"matchLabels": {"vipoperator.io/inject": "true"} },
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
          }]
        }
        """)!;

    private async Task ReplaceConfigurationAsync(JsonNode configuration)
    {
        Answer answer = await _api.SendAsync(
            HttpMethod.Put, $"{Webhooks}/{Name}",
            WithVersion(configuration, await _api.GetAsync($"{Webhooks}/{Name}")), "application/json");
        Ensure(answer);
    }

    private static string WithVersion(JsonNode wanted, Answer current)
    {
        wanted["metadata"]!["resourceVersion"] = current.Body!["metadata"]!["resourceVersion"]!.GetValue<string>();
        return wanted.ToJsonString();
    }

    private async Task<TestOperator> StartAsync()
    {
        await File.WriteAllTextAsync(_file, Sidecar.Text, TestContext.Current.CancellationToken);
        return await _cluster.StartOperatorAsync(
            s => s with
            {
                InjectionFile = _file,
                InjectionListen = new IPEndPoint(IPAddress.Loopback,
                0),
                InjectionName = Name
            },
            patience: Eager);
    }

    private async Task ReadyAsync(TestOperator running)
    {
        await Eventually.TrueAsync(async () => (await running.GetAsync("/readyz")).Code == HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => await BundleAsync() is { Length: > 0 });
    }

    private async Task<JsonNode> SecretAsync() => (await _api.GetAsync(SecretPath)).Body!;

    private CertificateSet Read(JsonNode secret) => CertificateSet.Read(
        secret["data"]?.AsObject()
            .ToDictionary(d => d.Key, d => Convert.FromBase64String(d.Value!.GetValue<string>())), Host);

    private async Task PutSecretAsync(CertificateSet certificates)
    {
        JsonObject data = [];
        foreach (string key in new[] { "tls.crt", "tls.key", "earlier.crt", "earlier.key" })
            data[key] = certificates.Write().TryGetValue(key, out byte[]? value) ? Convert.ToBase64String(value) : null;
        Ensure(await _api.MergeAsync(SecretPath, new JsonObject { ["data"] = data }));
    }

    private async Task<string?> BundleAsync() =>
        (await _api.GetAsync($"{Webhooks}/{Name}"))
        .Body!["webhooks"]![0]!["clientConfig"]!["caBundle"]?.GetValue<string>() is { } bundle
            ? Encoding.UTF8.GetString(Convert.FromBase64String(bundle))
            : null;

    private static async Task<int> ReadsAsync(TestOperator running) =>
        (await running.GetAsync("/metrics")).Text.Split('\n')
        .Where(l => l.StartsWith(
            "vipoperator_operator_api_requests_total{verb=\"get\",resource=\"mutating", StringComparison.Ordinal))
        .Sum(l => int.Parse(l.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));

    private static string Thumbprint(CertificatePair pair)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pair.Chain);
        return certificate.Thumbprint;
    }

    /// <summary>The thumbprint of what is served.</summary>
    private async Task<string> ServedAsync(TestOperator running)
    {
        using TcpClient connection = new();
        await connection.ConnectAsync(IPAddress.Loopback, running.WebhookPort, TestContext.Current.CancellationToken);
        await using SslStream tls = new(connection.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(Host);
        return tls.RemoteCertificate!.GetCertHashString();
    }

    /// <summary>As an API server asks: it trusts the bundle alone, and calls by the Service's name.</summary>
    /// <param name="body">null: GET.</param>
    private async Task<HttpResponseMessage> AskAsync(TestOperator running, string? body, string path = "/mutate")
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPem(await BundleAsync());
        X509ChainPolicy policy =
            new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        using SocketsHttpHandler handler = new()
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, running.WebhookPort, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient http = new(handler);
        using HttpRequestMessage request = new(
            body is null ? HttpMethod.Get : HttpMethod.Post, $"https://{Host}:{running.WebhookPort}{path}");
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        // So that one that is too large is refused before it is sent.
        request.Headers.ExpectContinue = body?.Length > 100_000;
        HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await answer.Content.LoadIntoBufferAsync();
        return answer;
    }

    private static void Ensure(Answer answer) => Assert.True(answer.Succeeded, $"{(int)answer.Code}: {answer.Message}");
}
