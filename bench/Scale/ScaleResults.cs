using System.Text.Json;

namespace VipOperator.Bench.Scale;

/// <summary>All that was measured, as it stands in operator-scale.json: by server, then by size. A size that is
/// measured again replaces what was there.</summary>
internal sealed class ScaleResults
{
    public const string Embedded = "embedded";
    public const string Real = "kube-apiserver";

    private const string ResultsFile = "operator-scale.json";

    private static readonly JsonSerializerOptions Options = new()
    { WriteIndented = true, IndentSize = 1, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>By <see cref="Embedded"/> or <see cref="Real"/>, in the order of sizes.</summary>
    public SortedDictionary<string, List<ScaleFigures>> Servers { get; init; } = new(StringComparer.Ordinal);

    public static ScaleResults Read(string folder)
    {
        string file = Path.Combine(folder, ResultsFile);
        return File.Exists(file)
            ? JsonSerializer.Deserialize<ScaleResults>(File.ReadAllText(file), Options)! : new ScaleResults();
    }

    public void Add(string server, ScaleFigures figures)
    {
        List<ScaleFigures> runs = Servers.GetValueOrDefault(server) ?? [];
        Servers[server] =
            [.. runs.Where(r => r.VirtualIPs != figures.VirtualIPs).Append(figures).OrderBy(r => r.VirtualIPs)];
    }

    /// <summary>Writes the results, and a plot for each server that was measured with several sizes.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ResultsFile), JsonSerializer.Serialize(this, Options) + "\n");
        foreach ((string server, List<ScaleFigures> runs) in Servers)
        {
            if (runs.Count > 1)
                File.WriteAllText(Path.Combine(folder, server == Embedded
                    ? "operator-scale.svg"
                    : $"operator-scale-{server}.svg"), ScaleChart.Write(runs));
        }
    }
}
