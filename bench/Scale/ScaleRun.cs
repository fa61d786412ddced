using System.Globalization;
using VipOperator.Lab.ApiServer;

namespace VipOperator.Bench.Scale;

/// <summary>Builds a cluster of one size on an API server of its own and measures the operator in it.</summary>
internal sealed class ScaleRun(string program, int virtualIPs, TimeSpan quiet, Action<string> report)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>For what comes after the last change that matters: events.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time = TimeProvider.System;

    public async Task<ScaleFigures> MeasureAsync()
    {
        await using IApiServer server = await ApiServers.StartAsync(new ApiServerOptions { HistoryCapacity = 100_000 });
        using BenchApi api = new(server);
        ScaleCluster cluster = new(api, virtualIPs);
        report($"{virtualIPs} VirtualIPs: building the cluster");
        await cluster.BuildAsync();
        await using ClusterView view = new(api);
        await view.UntilAsync("the watch had all VirtualIPs", Patience, () => view.VirtualIPs.Count == virtualIPs);
        string log = Path.Combine(Path.GetTempPath(), $"vip-bench-scale-{Environment.ProcessId}.log");

        report($"{virtualIPs} VirtualIPs: cold start");
        TimeSpan pressure = CpuPressure();
        long start = _time.GetTimestamp();
        OperatorProcess running = OperatorProcess.Start(program, server.KubeconfigPath, log);
        try
        {
            await view.UntilAsync("all were assigned", Patience, () =>
                view.Members.Count == virtualIPs * ScaleCluster.PodsPerGroup
                && view.VirtualIPs.All(v => v.IsAssigned && v.Pods.Length == ScaleCluster.PodsPerGroup));
            double coldStart = Since(start);
            double coldPressure = (CpuPressure() - pressure).TotalSeconds / coldStart * 100;
            double coldCpu = running.Cpu.TotalSeconds;
            Metrics cold = await running.MetricsAsync();
            report($"{virtualIPs} VirtualIPs: assigned after {coldStart:0.0} s, {running.ResidentMiB:0} MiB; "
                + $"sidecars report");

            start = _time.GetTimestamp();
            await cluster.ReportAsync(view.Members);
            await view.UntilAsync("all were Ready", Patience, () => view.VirtualIPs.All(v => v.IsReady));
            double reports = Since(start);
            await SettleAsync(running);
            Metrics ready = await running.MetricsAsync();

            report($"{virtualIPs} VirtualIPs: ready after {reports:0.0} s; quiet for {quiet.TotalSeconds:0} s");
            TimeSpan cpuBefore = running.Cpu;
            await Task.Delay(quiet);
            double quietCpu = (running.Cpu - cpuBefore) / quiet * 100;
            Metrics afterQuiet = await running.MetricsAsync();
            double resident = running.ResidentMiB;

            report($"{virtualIPs} VirtualIPs: a pod dies");
            (int dead, double podDeath, double podDeathWrites) = await KillPodAsync(api, view, running);
            await AnswerAsync(cluster, view, running);
            report($"{virtualIPs} VirtualIPs: replanned after {podDeath:0.00} s; one change");
            (double oneChange, Metrics before, Metrics after) = await ChangeOneAsync(api, view, running);
            await AnswerAsync(cluster, view, running);
            double plan = after.Sum("vipoperator_operator_plan_duration_seconds_sum")
                / after.Sum("vipoperator_operator_plan_duration_seconds_count") * 1000;
            double peak = running.PeakResidentMiB;

            report($"{virtualIPs} VirtualIPs: restart");
            await running.DisposeAsync();
            start = _time.GetTimestamp();
            running = OperatorProcess.Start(program, server.KubeconfigPath, log);
            await running.LeadsAsync();
            double restart = Since(start);
            await Task.Delay(Settling);
            Metrics restarted = await running.MetricsAsync();

            return new ScaleFigures
            {
                VirtualIPs = virtualIPs,
                ColdStartS = coldStart,
                ColdStartCpuS = coldCpu,
                ColdStartPressurePercent = coldPressure,
                ColdWritesPerObject = cold.Writes / (virtualIPs * (ScaleCluster.PodsPerGroup + 1.0)),
                ReportsS = reports,
                ReportWritesPerVirtualIP = (ready.Writes - cold.Writes) / virtualIPs,
                ResidentMiB = resident,
                PeakResidentMiB = peak,
                QuietCpuPercent = quietCpu,
                QuietWrites = afterQuiet.Writes - ready.Writes,
                QuietRequests = afterQuiet.AllRequests - ready.AllRequests,
                MembersOfDeadPod = dead,
                PodDeathS = podDeath,
                PodDeathWritesPerVirtualIP = podDeathWrites / dead,
                OneChangeS = oneChange,
                OneChangeWrites = after.Writes - before.Writes,
                OneChangeRequests = after.AllRequests - before.AllRequests,
                RestartS = restart,
                RestartWrites = restarted.Writes,
                PlanMs = plan,
            };
        }
        finally
        {
            await running.DisposeAsync();
        }
    }

    private async Task<(int Members, double Seconds, double Writes)> KillPodAsync(
        BenchApi api, ClusterView view, OperatorProcess running)
    {
        string pod = ScaleCluster.PodName(0, 0);
        int members = view.Members.Count(m => m.Pod == pod);
        Metrics before = await running.MetricsAsync();
        long start = _time.GetTimestamp();
        await api.DeleteAsync($"{Paths.Pods}/{pod}");
        await view.UntilAsync(
            "the dead pod's members were gone",
            Patience,
            () => view.Members.All(m => m.Pod != pod) && view.VirtualIPs.All(v => !v.Pods.Contains(pod)));
        double seconds = Since(start);
        await SettleAsync(running);
        return (members, seconds, (await running.MetricsAsync()).Writes - before.Writes);
    }

    // Of the last VirtualIP, whose pods are all there.
    private async Task<(double Seconds, Metrics Before, Metrics After)> ChangeOneAsync(
        BenchApi api, ClusterView view, OperatorProcess running)
    {
        string name = ScaleCluster.NameOf(virtualIPs - 1);
        Dictionary<string, long> generations =
            view.Members.Where(m => m.VirtualIP == name).ToDictionary(m => m.Name, m => m.Generation);
        Metrics before = await running.MetricsAsync();
        long start = _time.GetTimestamp();
        await api.MergeAsync($"{Paths.VirtualIPs}/{name}", """{"spec":{"vrrp":{"advertisementInterval":"500ms"} } }""");
        await view.UntilAsync(
            "the change had come through",
            Patience,
            () => view.VirtualIPs.Any(v => v.Name == name && v.Generation == 2 && v.ObservedGeneration == 2)
                && view.Members.Where(m => m.VirtualIP == name).All(m => m.Generation > generations[m.Name]));
        double seconds = Since(start);
        await SettleAsync(running);
        return (seconds, before, await running.MetricsAsync());
    }

    // Sidecars whose specs were written follow them. Of those that do not, the operator says after a while that they
    // are not heard of: writes that would count for what comes next.
    private static async Task AnswerAsync(ScaleCluster cluster, ClusterView view, OperatorProcess running)
    {
        await cluster.ReportAsync(view.Members);
        await SettleAsync(running);
    }

    // Until nothing is written any more, events included.
    private static async Task SettleAsync(OperatorProcess running)
    {
        double last = -1;
        while (true)
        {
            Metrics now = await running.MetricsAsync();
            if (now.Writes + now.Events == last)
                return;
            last = now.Writes + now.Events;
            await Task.Delay(Settling);
        }
    }

    // Since the machine's start; zero when the kernel does not tell.
    private static TimeSpan CpuPressure()
    {
        const string File = "/proc/pressure/cpu", Total = "total=";
        if (!System.IO.File.Exists(File))
            return TimeSpan.Zero;
        string some = System.IO.File.ReadLines(File).First();
        return TimeSpan.FromMicroseconds(long.Parse(
            some[(some.IndexOf(Total, StringComparison.Ordinal) + Total.Length)..], CultureInfo.InvariantCulture));
    }

    private double Since(long start) => _time.GetElapsedTime(start).TotalSeconds;
}
