using VipOperator.Faults.Netns.Tests.Staging;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Faults;

/// <summary>A vip-sidecar that cannot be run as it was asked ends with 2 and says why, and nothing else.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private const string Member =
        """
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIPMember
        metadata: {name: web}
        spec:
          addresses: [192.168.1.108]
          interfaceName: eth0
          virtualRouterId: 51
          priority: 100
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vips-faults-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task FileThatMakesNoSense_IsAllThatIsSaid()
    {
        using TestNetwork network = new();
        using Speaker speaker = new(
            network.First, _folder.FullName, Member.Replace("priority: 100", "priority: 300", StringComparison.Ordinal),
            []);

        await speaker.Ended();

        Assert.Equal(2, speaker.ExitCode);
        string problem = Assert.Single(speaker.Remarks());
        Assert.Contains("spec.priority: is 300", problem, StringComparison.Ordinal);
        Assert.Contains("the agent refuses its command line or configuration", speaker.Log, StringComparison.Ordinal);
    }

    // It must not take the socket of the one that runs.
    [Fact]
    public async Task StateDirectoryOfAnotherThatRuns_IsRefusedAndTheOtherStillAnswers()
    {
        using TestNetwork network = new();
        using Speaker first = new(network.First, _folder.FullName, Member, []);
        await Eventually.True(Answers, "the first answers");

        using Speaker second = new(network.Second, _folder.FullName, Member, []);
        await second.Ended();

        Assert.Equal(2, second.ExitCode);
        string problem = Assert.Single(second.Remarks());
        Assert.StartsWith(
            $"Another vip-sidecar runs here with the state directory {first.StateDirectory}:", problem,
            StringComparison.Ordinal);
        Assert.True(Answers());
        Assert.False(first.HasEnded);

        bool Answers()
        {
            using var state = first.State();
            return state is not null;
        }
    }

    // Who is killed leaves an agent that ends a moment later.
    [Fact]
    public async Task StateDirectoryOfOneThatWasKilled_IsTakenOver()
    {
        using TestNetwork network = new();
        using (Speaker killed = new(network.First, _folder.FullName, Member, []))
        {
            await Eventually.True(() => network.First.Holds("192.168.1.108"), "the first is Active");
            killed.Signal("KILL");
            await killed.Ended();
        }

        using Speaker next = new(network.First, _folder.FullName, Member, []);

        await Eventually.True(
            () =>
            {
                using var state = next.State();
                return state?.RootElement.GetProperty("identity").GetProperty("sidecarProcessId").GetInt32()
                    == next.ProcessId;
            },
            () => $"the next one answers; log:\n{next.Log}");
    }
}
