using VipOperator.Lab.Demo;

namespace VipOperator.Lab.Tests.Demo;

public sealed class TimelineTests
{
    private readonly StringWriter _output = new();

    [Fact]
    public void Expectation_NotMet_IsMarkedAndCounted()
    {
        Timeline timeline = new(_output, terminal: false);

        timeline.Expect(true, "the address moved");
        timeline.Expect(false, "the address moved back");

        Assert.Equal(1, timeline.Failures);
        Assert.Equal(["✓ the address moved", "✗ the address moved back"], Texts());
    }

    [Fact]
    public async Task Waiting_LongerThanASecond_IsSaid()
    {
        Timeline timeline = new(_output, terminal: false);
        TaskCompletionSource<int> answer = new();

        Task<int> waiting = timeline.WhileAsync("waiting for an answer", answer.Task);
        while (Texts().Length == 0)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        answer.SetResult(7);

        Assert.Equal(7, await waiting);
        Assert.Equal(["… waiting for an answer (1 s)"], Texts());
    }

    /// <summary>The lines without the time in front.</summary>
    private string[] Texts() =>
        [.. _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.IndexOf(" s  ", StringComparison.Ordinal) + 4)..])];
}
