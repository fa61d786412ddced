using System.Text.Json.Nodes;
using VipOperator.Planning;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>Webhooks, gathering, limits and the end, seen by a receiver.</summary>
public sealed class WebhookTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SignedMessage_IsTaken()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.MultipleActive, "Two say so.");

        JsonNode body = (await receiver.BodiesAsync(1)).Single();
        Assert.Equal("lab", body["cluster"]!.GetValue<string>());
        Assert.Equal("Two say so.", body["events"]![0]!["message"]!.GetValue<string>());
        await notifier.TotalBecomesAsync("pager", "sent", 1);
        Assert.DoesNotContain(WebhookReceiver.Key, notifier.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretAddressOverTlsOfAnOwnAuthority_IsReadFromItsFileAndNeverLogged()
    {
        TestCertificate certificate = TestCertificate.Create(_folder);
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(
            certificate, answers: n => n == 1 ? 500 : 200);
        string file = _folder.Write("url", receiver.Url + "/T0KEN\n");
        await using NotifierHarness notifier = new(
            _folder, $"- {{name: pager, gatherTime: 10ms, webhook: {{urlFile: {file}, signingKeyFile: {KeyFile()}, "
                + $"tls: {{caFile: {certificate.AuthorityFile}}}}}}}\n");
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        await receiver.BodiesAsync(1);
        Assert.DoesNotContain("T0KEN", notifier.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownAuthority_IsNotBelieved()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(TestCertificate.Create(_folder));
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        await notifier.FailuresReachAsync("pager", 1);
        Assert.Empty(receiver.Deliveries);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(401)]
    public async Task AnswerThatMayPass_IsFollowedByTheSameMessageAgain(int code)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(answers: n => n <= 2 ? code : 202);
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        JsonNode body = (await receiver.BodiesAsync(1)).Single();
        string id = body["id"]!.GetValue<string>();
        Assert.Equal([id, id, id], receiver.Deliveries);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(302)]
    [InlineData(410)]
    public async Task AnswerThatIsFinal_EndsTheMessageAndNotTheChannel(int code)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(answers: n => n == 1 ? code : 200);
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url));
        await notifier.ReadyAsync();

        notifier.Record("first", EventReason.NoActive);
        await notifier.TotalBecomesAsync("pager", "rejected", 1);
        notifier.Record("second", EventReason.NoActive);

        await receiver.BodiesAsync(1);
        Assert.Equal(["second NoActive"], receiver.Events);
    }

    [Fact]
    public async Task MessageThatIsTriedForTooLong_Expires()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(answers: _ => 503);
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url, ", retryFor: 100ms"));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        await notifier.TotalBecomesAsync("pager", "expired", 1);
    }

    [Fact]
    public async Task ManyEventsAtOnce_AreOneMessage()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url, ", gatherTime: 1s"));
        await notifier.ReadyAsync();

        for (int i = 1; i <= 50; i++)
            notifier.Record($"site-{i}", EventReason.ActiveChanged);

        await notifier.TotalBecomesAsync("pager", "sent", 50);
        Assert.Equal(
            "Normal: 50 VirtualIPs: 50 ActiveChanged", receiver.Bodies.Single()["summary"]!.GetValue<string>());
    }

    [Fact]
    public async Task BeyondTheRate_EventsWaitAndThenGoTogether()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(
            _folder, Hook(receiver.Url, ", rateLimit: {messages: 1, interval: 24h}"));
        await notifier.ReadyAsync();

        notifier.Record("first", EventReason.NoActive);
        await notifier.TotalBecomesAsync("pager", "sent", 1);
        for (int i = 1; i <= 5; i++)
            notifier.Record($"later-{i}", EventReason.NoActive);
        await notifier.MetricBecomesAsync("vipoperator_notification_queue_length{channel=\"pager\"}", 5);
        Assert.Single(receiver.Bodies);

        // Nobody waits for a turn at the end.
        await notifier.EndAsync();
        Assert.Equal([1, 5], receiver.Bodies.Select(b => b["events"]!.AsArray().Count));
    }

    [Fact]
    public async Task FullQueue_LosesTheOldestCountsThemAndHoldsNobodyUp()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url, ", gatherTime: 1m"));
        await notifier.ReadyAsync();

        for (int i = 1; i <= 5000; i++)
            notifier.Record($"site-{i}", EventReason.NoActive);

        Assert.Equal(904, await notifier.TotalAsync("pager", "dropped"));
        Assert.Equal(4096, await notifier.MetricAsync("vipoperator_notification_queue_length{channel=\"pager\"}"));
        await notifier.EndAsync();
        Assert.Equal(4096, await notifier.TotalAsync("pager", "sent"));
        Assert.DoesNotContain("site-904 NoActive", receiver.Events);
        Assert.Contains(
            "the queue is full; the oldest was NoActive web/site-1", notifier.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_SendsWhatWaitsAtOnce()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url, ", gatherTime: 10m"));
        await notifier.ReadyAsync();
        notifier.Record("site", EventReason.NoActive);

        await notifier.EndAsync();

        Assert.Equal(["site NoActive"], receiver.Events);
        Assert.Equal(1, await notifier.TotalAsync("pager", "sent"));
    }

    [Fact]
    public async Task End_TriesAgainWithinTheGrace()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(answers: n => n <= 3 ? 503 : 200);
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url, ", gatherTime: 10m"));
        await notifier.ReadyAsync();
        notifier.Record("site", EventReason.NoActive);

        await notifier.EndAsync();

        Assert.Equal(["site NoActive"], receiver.Events);
    }

    [Fact]
    public async Task End_GivesUpAfterTheGraceAndCountsWhatIsLost()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(answers: _ => 503);
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url));
        await notifier.ReadyAsync();
        notifier.Record("site", EventReason.NoActive);
        await notifier.FailuresReachAsync("pager", 1);
        notifier.Record("other", EventReason.NoActive);

        await notifier.EndAsync();

        Assert.Equal(2, await notifier.TotalAsync("pager", "lost"));
        Assert.Contains(
            "the end came before it was sent: Critical: NoActive web/other", notifier.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChangedFile_IsTakenAndWhatWaitsGoesByIt()
    {
        await using WebhookReceiver wrong = await WebhookReceiver.StartAsync(answers: _ => 503);
        await using WebhookReceiver right = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(_folder, Hook(wrong.Url));
        await notifier.ReadyAsync();
        notifier.Record("site", EventReason.NoActive);
        await notifier.FailuresReachAsync("pager", 1);

        NotifierHarness.Write(_folder, Hook(right.Url));

        await right.BodiesAsync(1);
        Assert.Equal(["site NoActive"], right.Events);
        await notifier.TotalBecomesAsync("pager", "sent", 1);
    }

    [Fact]
    public async Task WrongFile_IsRefusedAndTheChannelsGoOn()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(_folder, Hook(receiver.Url));
        await notifier.MetricBecomesAsync("vipoperator_notification_settings_valid", 1);
        await notifier.ReadyAsync();

        NotifierHarness.Write(_folder, Hook(receiver.Url).Replace("webhook", "webhoop", StringComparison.Ordinal));

        await notifier.MetricBecomesAsync("vipoperator_notification_settings_valid", 0);
        Assert.Contains($"{notifier.File}:5:", notifier.Log, StringComparison.Ordinal);
        notifier.Record("site", EventReason.NoActive);
        await receiver.BodiesAsync(1);
    }

    [Fact]
    public async Task FileThatIsWrongAtFirst_IsTakenWhenItIsRight()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using NotifierHarness notifier = new(_folder, "- {}\n");
        await notifier.MetricBecomesAsync("vipoperator_notification_settings_valid", 0);
        await notifier.ReadyAsync();
        notifier.Record("unheard", EventReason.NoActive);

        NotifierHarness.Write(_folder, Hook(receiver.Url));
        await notifier.MetricBecomesAsync("vipoperator_notification_settings_valid", 1);
        notifier.Record("site", EventReason.NoActive);

        await receiver.BodiesAsync(1);
        Assert.Equal(["site NoActive"], receiver.Events);
    }

    private string Hook(string url, string more = "")
    {
        string gather = more.Contains("gatherTime", StringComparison.Ordinal) ? "" : ", gatherTime: 10ms";
        return $"- {{name: pager{gather}{more}, webhook: {{url: '{url}', signingKeyFile: {KeyFile()}}}}}\n";
    }

    private string KeyFile() => _folder.Write("key", WebhookReceiver.Key + "\n");
}
