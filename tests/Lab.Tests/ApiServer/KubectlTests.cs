using System.Diagnostics;
using System.Globalization;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>What a person does: the real kubectl against the server.</summary>
public sealed class KubectlTests(ApiServerFixture fixture) : IAsyncLifetime
{
    private const string Manifest =
        """
        apiVersion: test.vipoperator.io/v1
        kind: Widget
        metadata: {name: one, labels: {a: b}}
        spec: {size: 3, tags: [x]}
        """;

    private string _namespace = "";

    public async ValueTask InitializeAsync() => _namespace = await fixture.NewNamespaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Apply_Get_Describe_Delete()
    {
        Assert.Equal("widget.test.vipoperator.io/one created", await OkAsync(Manifest, "apply", "-f", "-"));
        Assert.Equal("widget.test.vipoperator.io/one unchanged", await OkAsync(Manifest, "apply", "-f", "-"));
        Assert.Equal("widget.test.vipoperator.io/one configured", await OkAsync(Sized(4), "apply", "-f", "-"));

        string[] wide = (await OkAsync(null, "get", "wd", "-o", "wide")).Split('\n');
        Assert.Equal(
            ["NAME", "SIZE", "READY", "TAGS", "AGE"], wide[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("one", wide[1], StringComparison.Ordinal);
        Assert.Equal("widget.test.vipoperator.io/one", await OkAsync(null, "get", "widgets", "-o", "name"));
        Assert.Equal("4", await OkAsync(null, "get", "wd/one", "-o", "jsonpath={.spec.size}"));
        Assert.Contains("size: 4", await OkAsync(null, "get", "wd", "one", "-o", "yaml"), StringComparison.Ordinal);
        Assert.Contains("one    4", await OkAsync(null, "get", "wd", "-o",
            "custom-columns=NAME:.metadata.name,SIZE:.spec.size"), StringComparison.Ordinal);
        Assert.Contains("Kind:         Widget", await OkAsync(null, "describe", "wd", "one"), StringComparison.Ordinal);
        Assert.Contains("\"one\" deleted", await OkAsync(null, "delete", "wd", "one"), StringComparison.Ordinal);
        Assert.Contains("(NotFound)", (await RunAsync(null, "get", "wd", "one")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_OfSomethingWrong_NamesTheField()
    {
        (int code, string _, string unknown) = await RunAsync(
            Manifest.Replace("size:", "sise: 1, size:", StringComparison.Ordinal), "apply", "-f", "-");
        (int code2, string _, string invalid) = await RunAsync(Sized(13), "apply", "-f", "-");

        Assert.NotEqual(0, code);
        Assert.Matches("unknown field \"(spec\\.)?sise\"", unknown);
        Assert.NotEqual(0, code2);
        Assert.Contains("size must not be 13", invalid, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patches_Labels_Annotations_Replace_AndWait()
    {
        await OkAsync(Manifest, "apply", "-f", "-");

        await OkAsync(null, "patch", "wd", "one", "--type=merge", "-p", """{"spec":{"size":5}}""");
        await OkAsync(null, "patch", "wd", "one", "--type=json", "-p", """[{"op":"replace","path":"/spec/size","value":6}]""");
        (int code, string _, string strategic) = await RunAsync(null, "patch", "wd", "one", "-p", """{"spec":{"size":7}}""");
        await OkAsync(null, "label", "wd", "one", "x=y");
        await OkAsync(null, "annotate", "wd", "one", "x=y");
        string document = await OkAsync(null, "get", "wd", "one", "-o", "yaml");
        await OkAsync(document.Replace("size: 6", "size: 8", StringComparison.Ordinal), "replace", "-f", "-");
        await fixture.Client.PatchAsync(
            Widgets.Path(_namespace, "one") + "/status", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");

        Assert.NotEqual(0, code);
        // The older kubectl passes on the reason, the newer says it in its own words.
        Assert.Matches("UnsupportedMediaType|strategic-merge-patch\\+json is not supported", strategic);
        Assert.Contains("condition met",
            await OkAsync(null, "wait", "--for=condition=Ready", "wd/one", "--timeout=20s"), StringComparison.Ordinal);
        Assert.Equal("8 y y", await OkAsync(
            null, "get", "wd", "one", "-o", "jsonpath={.spec.size} {.metadata.labels.x} {.metadata.annotations.x}"));
        Assert.Equal("True", (await OkAsync(null, "get", "wd", "one", "--no-headers"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]);
    }

    [Fact]
    public async Task ServerSideApply_Conflicts_UntilForced()
    {
        await OkAsync(Manifest, "apply", "--server-side", "-f", "-");
        await OkAsync(null, "patch", "wd", "one", "--type=merge", "-p", """{"spec":{"size":5}}""");

        (int code, string _, string error) = await RunAsync(Manifest, "apply", "--server-side", "-f", "-");
        string forced = await OkAsync(Manifest, "apply", "--server-side", "--force-conflicts", "-f", "-");

        Assert.NotEqual(0, code);
        Assert.Contains("conflict with \"kubectl-patch\"", error, StringComparison.Ordinal);
        Assert.Contains("serverside-applied", forced, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_AndDiff_ShowWhatWouldHappen()
    {
        await OkAsync(Manifest, "apply", "-f", "-");

        Assert.Contains("(server dry run)", await OkAsync(Sized(4), "apply", "--dry-run=server", "-f", "-"),
            StringComparison.Ordinal);
        Assert.Equal("3", await OkAsync(null, "get", "wd/one", "-o", "jsonpath={.spec.size}"));
        if (!File.Exists("/usr/bin/diff")) Assert.Skip("diff is not on this machine.");
        (int code, string diff, string _) = await RunAsync(Sized(4), "diff", "-f", "-");
        Assert.Equal(1, code);
        Assert.Contains("+  size: 4", diff, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_PrintsEachChange()
    {
        await OkAsync(Manifest, "apply", "-f", "-");
        using Process watch = Start(null, "get", "wd", "-w", "--no-headers");
        Assert.StartsWith("one", await watch.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);

        await OkAsync(null, "patch", "wd", "one", "--type=merge", "-p", """{"spec":{"size":9}}""");
        string? line = await watch.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        watch.Kill();
        await watch.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("9", line!.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    [Fact]
    public async Task Explain_KnowsCustomAndBuiltInFields()
    {
        Assert.Contains("proto", await OkAsync(null, "explain", "widgets.spec.ports"), StringComparison.Ordinal);
        Assert.Contains("hostNetwork", await OkAsync(null, "explain", "pod.spec"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BuiltIns_AreCreatedShownAndDescribed()
    {
        const string pod =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: nginx}}
            spec: {nodeName: n1, hostNetwork: true, containers: [{name: nginx, image: "nginx:1", ports: [{containerPort: 80}]}]}
            """;
        await OkAsync(pod, "apply", "-f", "-");
        await OkAsync(null, "create", "configmap", "c", "--from-literal=a=b");
        await OkAsync(null, "create", "secret", "generic", "s", "--from-literal=a=b");

        Assert.Contains("0/1", await OkAsync(null, "get", "pods", "-o", "wide"), StringComparison.Ordinal);
        Assert.Contains("Name:             web", await DescribeAsync("pod", "web"), StringComparison.Ordinal);
        Assert.Equal("b", await OkAsync(null, "get", "configmap", "c", "-o", "jsonpath={.data.a}"));
        Assert.Equal("Yg==", await OkAsync(null, "get", "secret", "s", "-o", "jsonpath={.data.a}"));
        Assert.Equal("yes", await OkAsync(null, "auth", "can-i", "list", "pods"));
        await OkAsync(null, "delete", "pod", "web", "--grace-period=0", "--force");
    }

    [Fact]
    public async Task Events_AreListedUnderTheirObject()
    {
        await OkAsync(Manifest, "apply", "-f", "-");
        string uid = await OkAsync(null, "get", "wd/one", "-o", "jsonpath={.metadata.uid}");
        string now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        ApiAnswer made = await fixture.Client.PostAsync(
            $"/apis/events.k8s.io/v1/namespaces/{_namespace}/events",
            $$"""
            {"metadata":{"name":"e"},"eventTime":"{{now}}","type":"Warning","reason":"TwoActives","action":"Observe","note":"two nodes answer",
             "reportingController":"test.vipoperator.io/t","reportingInstance":"t-1",
             "regarding":{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","name":"one","namespace":"{{_namespace}}","uid":"{{uid}}"} }
            """);

        Assert.True(made.Code == System.Net.HttpStatusCode.Created, made.Text);
        string described = await OkAsync(null, "describe", "wd", "one");
        Assert.Contains("TwoActives", described, StringComparison.Ordinal);
        Assert.Contains("two nodes answer", await OkAsync(null, "get", "events"), StringComparison.Ordinal);
        Assert.Contains("widget/one", await OkAsync(null, "get", "events", "--field-selector", "reason=TwoActives"),
            StringComparison.Ordinal);
    }

    private static string Sized(int size) => Manifest.Replace("size: 3", $"size: {size}", StringComparison.Ordinal);

    /// <summary>Old and new kubectl pad the names differently.</summary>
    private async Task<string> DescribeAsync(string kind, string name)
    {
        string text = await OkAsync(null, "describe", kind, name);
        return System.Text.RegularExpressions.Regex.Replace(text, "^Name:\\s+", "Name:             ");
    }

    private async Task<string> OkAsync(string? input, params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {error}{output}");
        return output.TrimEnd();
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string? input, params string[] arguments)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using Process process = Start(input, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await error);
    }

    private Process Start(string? input, params string[] arguments)
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(f => Path.Combine(f, "kubectl")).FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("kubectl is not on this machine.");
        ProcessStartInfo start = new(program, ["-n", _namespace, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = fixture.Server.KubeconfigPath;
        // Its discovery cache goes where it hurts nobody.
        start.Environment["HOME"] = Path.GetDirectoryName(fixture.Server.KubeconfigPath);
        Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }
}
