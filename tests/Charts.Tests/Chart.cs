using System.Text.Json.Nodes;

namespace VipOperator.Charts.Tests;

/// <summary>One object of a chart.</summary>
internal sealed record ChartObject(string Source, string Text, JsonObject Json)
{
    public string Kind => Json["kind"]!.GetValue<string>();

    public string ApiVersion => Json["apiVersion"]!.GetValue<string>();

    public string Name => Json["metadata"]!["name"]!.GetValue<string>();

    public string? Namespace => Json["metadata"]!["namespace"]?.GetValue<string>();

    public JsonNode PodSpec => Json["spec"]!["template"]!["spec"]!;

    public JsonNode Container(string name) =>
        PodSpec["containers"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;

    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>What a chart makes of some values: its objects in the order in which they are installed.</summary>
internal sealed record Rendering(IReadOnlyList<ChartObject> Objects, IReadOnlyList<ChartObject> Hooks, string Notes)
{
    public ChartObject Single(string kind, string? name = null) =>
        Objects.Single(o => o.Kind == kind && (name is null || o.Name == name));

    public bool Has(string kind) => Objects.Any(o => o.Kind == kind);
}

/// <summary>
/// The charts of this repository, rendered by build/vip-chart: helm's own template engine and functions without helm.
/// </summary>
internal static class Chart
{
    public const string Operator = "charts/vip-operator";
    public const string Nginx = "charts/nginx-vip";

    /// <summary>What nginx-vip cannot do without.</summary>
    public static readonly string[] Address = ["--set", "virtualIP.addresses={192.168.1.108}"];

    private static readonly Lazy<Task<string>> Renderer = new(BuildAsync);

    /// <summary>The renderer; skips the test, and says why, where it cannot be built.</summary>
    public static async Task<string> RendererAsync()
    {
        Assert.SkipWhen(
            Tool.Find("go") is null && !File.Exists(BuiltRenderer),
            "go is not installed, which builds the renderer of the charts; install golang-go, "
            + "golang-github-masterminds-sprig-dev, golang-github-xeipuuv-gojsonschema-dev, golang-k8s-sigs-yaml-dev "
            + "and golang-gopkg-yaml.v3-dev.");
        return await Renderer.Value;
    }

    private static string BuiltRenderer => SourceTree.At("artifacts", "tools", "vip-chart");

    public static async Task<Rendering> RenderAsync(string chart, params string[] arguments) =>
        await RenderAsync(
            chart, chart == Operator ? "vip-operator" : "web", chart == Operator ? "vip-operator" : "apps", arguments);

    public static async Task<Rendering> RenderAsync(string chart, string release, string ns, string[] arguments)
    {
        ToolOutput output = await TemplateAsync(chart, release, ns, [.. arguments, "-o", "json"]);
        Assert.True(output.Succeeded, output.Errors);
        JsonNode all = JsonNode.Parse(output.Text)!;
        return new Rendering(Objects("manifests"), Objects("hooks"), all["notes"]!.GetValue<string>());

        ChartObject[] Objects(string list) =>
        [
            .. all[list]!.AsArray().Select(m => new ChartObject(
                m!["source"]!.GetValue<string>(), m["text"]!.GetValue<string>(), m["object"]!.AsObject())),
        ];
    }

    public static async Task<ToolOutput> TemplateAsync(string chart, string release, string ns, string[] arguments) =>
        await Tool.RunAsync(
        await RendererAsync(), ["template", chart, "--name", release, "--namespace", ns, .. arguments]);

    private static async Task<string> BuildAsync()
    {
        bool fresh = File.Exists(BuiltRenderer) && Directory.EnumerateFiles(SourceTree.At("build", "vip-chart"))
            .All(source => File.GetLastWriteTimeUtc(source) <= File.GetLastWriteTimeUtc(BuiltRenderer));
        if (!fresh)
        {
            ToolOutput built = await Tool.RunAsync(SourceTree.At("build", "vip-chart", "build.sh"), [BuiltRenderer]);
            Assert.True(built.Succeeded, built.Errors);
        }

        return BuiltRenderer;
    }
}
