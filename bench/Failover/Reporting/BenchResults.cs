using System.Text.Json;
using System.Text.Json.Serialization;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>
/// All that was measured, as it stands in failover.json. A part that is measured again replaces what was there of it.
/// </summary>
internal sealed class BenchResults
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new TenthsConverter() },
    };

    /// <summary>By part.</summary>
    public SortedDictionary<string, Machine> Machines { get; init; } = new(StringComparer.Ordinal);

    public OutageFigures Outages { get; set; } = new();

    public List<CpuFigures> Cpu { get; set; } = [];

    public List<WireFigures> Start { get; set; } = [];

    public List<WireFigures> Change { get; set; } = [];

    public List<JitterFigures> Busy { get; set; } = [];

    public static BenchResults Read(string file) =>
        File.Exists(file) && new FileInfo(file).Length > 0
            ? JsonSerializer.Deserialize<BenchResults>(File.ReadAllText(file), Options)!
            : new BenchResults();

    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, Options) + "\n");

    // Microseconds are more than enough of anything here, and less is easier to read.
    private sealed class TenthsConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(Math.Round(value, 4));
    }
}
