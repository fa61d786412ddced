using System.Globalization;
using VipOperator.Sidecar.Agent;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Sidecar.Loop;

namespace VipOperator.Sidecar.Tests;

public sealed class AgentSupervisorTests
{
    [Fact(Timeout = 60_000)]
    public async Task Agent_EndsBeforeTheLoopKnowsIt_ItsExitCodeIsTold()
    {
        // The agent says its own id, for only it is to be reaped: other tests have children too.
        string file = Path.GetTempFileName();
        using EventLoop loop = new();
        AgentSupervisor? supervisor = null;
        // Before the supervisor takes what was launched: somebody reaps all children, as the process does on SIGCHLD.
        loop.Woken += () =>
        {
            string said = "";
            SpinWait.SpinUntil(() => (said = File.ReadAllText(file)).EndsWith('\n'));
            int processId = int.Parse(said, CultureInfo.InvariantCulture);
            int status = 0;
            SpinWait.SpinUntil(() => SystemCall.Reap(processId, out status) == processId);
            supervisor!.Reaped(processId, status);
        };
        using AgentSupervisor created = supervisor = new AgentSupervisor(
            loop, "/bin/sh", ["-c", $"echo $$ > {file}; exit 7"], new NoRequests(),
            new Log(new LogWriter(), TimeProvider.System, LogLevel.Error, asText: true));
        int? exitCode = null;
        supervisor.Ended += code =>
        {
            exitCode = code;
            loop.Stop(0);
        };

        supervisor.Launch();
        await Task.Run(loop.Run, TestContext.Current.CancellationToken);
        File.Delete(file);

        Assert.Equal(7, exitCode);
        Assert.Null(supervisor.Connection);
    }

    private sealed class NoRequests : IAgentRequests
    {
        public void Configure(ConfigureMessage message) => Assert.Fail("Nobody asks.");

        public void SetHealth(HealthMessage message) => Assert.Fail("Nobody asks.");

        public void HandOver(HandoverMessage message) => Assert.Fail("Nobody asks.");

        public void ReportAll() => Assert.Fail("Nobody asks.");

        public void Capture(CaptureMessage message) => Assert.Fail("Nobody asks.");
    }
}
