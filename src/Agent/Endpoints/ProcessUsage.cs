using System.Diagnostics;

namespace VipOperator.Agent.Endpoints;

/// <summary>What this process uses, under the names that every Prometheus dashboard knows.</summary>
internal readonly record struct ProcessUsage(
    double ProcessorSeconds, long ResidentBytes, int OpenDescriptors, double StartedAt, long HeapBytes)
{
    public static ProcessUsage Measure()
    {
        using Process self = Process.GetCurrentProcess();
        return new ProcessUsage(
            Environment.CpuUsage.TotalTime.TotalSeconds,
            self.WorkingSet64,
            Directory.EnumerateFiles("/proc/self/fd").Count(),
            new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0,
            GC.GetTotalMemory(forceFullCollection: false));
    }

    public void Write(MetricsText text)
    {
        text.Family("process_cpu_seconds_total", "counter", "Processor time of the agent.", prefix: "");
        text.Sample(ProcessorSeconds, "");
        text.Family("process_resident_memory_bytes", "gauge", "Resident memory of the agent.", prefix: "");
        text.Sample((ulong)ResidentBytes, "");
        text.Family("process_open_fds", "gauge", "Open descriptors of the agent.", prefix: "");
        text.Sample((ulong)OpenDescriptors, "");
        text.Family(
            "process_start_time_seconds", "gauge", "When the agent started, in seconds since 1970.", prefix: "");
        text.Sample(StartedAt, "");
        text.Family("agent_heap_bytes", "gauge", "Managed heap of the agent.");
        text.Sample((ulong)HeapBytes, "");
    }
}
