using System.Globalization;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>Where and when it was measured.</summary>
internal sealed record Machine
{
    public required string Date { get; init; }

    public required string Processor { get; init; }

    public required int Processors { get; init; }

    public required string Kernel { get; init; }

    /// <summary>What keepalived says of itself.</summary>
    public required string Keepalived { get; init; }

    /// <summary>Runnable threads, the mean of a minute, when the run began.</summary>
    public required string LoadBefore { get; init; }

    public static async Task<Machine> DescribeAsync(CancellationToken cancellation)
    {
        ToolResult version = await Tool.TryRunAsync("keepalived", ["--version"], cancellation);
        string model = (await File.ReadAllLinesAsync("/proc/cpuinfo", cancellation))
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) ?? "";
        return new Machine
        {
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Processor = model.Split(':')[^1].Trim(),
            Processors = Environment.ProcessorCount,
            Kernel = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellation)).Trim().Split('-')[0],
            Keepalived = version.Text.Split('\n')[0].Split('(')[0].Trim(),
            LoadBefore = (await File.ReadAllTextAsync("/proc/loadavg", cancellation)).Split(' ')[0],
        };
    }
}
