using System.Text.Json.Nodes;
using VipOperator.Lab.Measuring;
using VipOperator.Lab.Probing;

namespace VipOperator.Lab.Tests.Measuring;

public sealed class MeasurementTableTests
{
    [Theory]
    [InlineData(new[] { 40, 10, 20 }, 20, 10, 40)]
    [InlineData(new[] { 40, 10, 20, 30 }, 25, 10, 40)]
    public void Row_HasMedianLeastAndMost(int[] gaps, double median, double least, double most)
    {
        MeasurementTable table = new([.. gaps.Select(g => Sample(Fault.LinkLost, g, null))]);

        JsonNode row =
            JsonNode.Parse(table.ToJson())!.AsArray().Single(r => r!["name"]!.GetValue<string>() == "linkLost")!;

        Assert.Equal(gaps.Length, row["runs"]!.GetValue<int>());
        Assert.Equal(
            (median, least, most, 3300.0),
            (Number(row, "median"), Number(row, "least"), Number(row, "most"), Number(row, "aim")));
    }

    [Fact]
    public void KilledSidecar_HasARowForItsOwnNodeToo()
    {
        MeasurementTable table = new([Sample(Fault.SidecarKilled, 400, 2900), Sample(Fault.SidecarKilled, 500, null)]);

        Assert.Equal(
            [
                "interval 1 s, priorities 254 and 253       runs     median      least       most          "
                + "aim   held by two",
                "nginx killed, restartGrace 0s                 0       0 ms       0 ms       0 ms      ≤ 50 "
                + "ms        ≤ 0 ms",
                "Active sidecar stopped                        0       0 ms       0 ms       0 ms      ≤ 50 "
                + "ms        ≤ 0 ms",
                "Active sidecar SIGKILLed                      2     450 ms     400 ms     500 ms     ≤ 160 "
                + "ms       ≤ 70 ms",
                "  until its node was without the address      1   2,900 ms   2,900 ms   2,900 ms   ≤ 3,500 ms",
                "link of the Active lost                       0       0 ms       0 ms       0 ms   ≤ 3,300 "
                + "ms        ≤ 0 ms",
            ],
            table.ToLines());
    }

    private static double Number(JsonNode row, string name) => row[name + "Milliseconds"]!.GetValue<double>();

    private static FaultSample Sample(Fault fault, int gap, int? oldWithout) => new(
        fault,
        new Gap(TimeSpan.FromMilliseconds(gap), 0, "192.168.1.103", "192.168.1.104", 0),
        oldWithout is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
        TimeSpan.FromMilliseconds(70));
}
