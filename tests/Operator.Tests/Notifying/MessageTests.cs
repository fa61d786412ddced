using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Operator.Notifying;
using VipOperator.Planning;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>What messages say; docs/notifications.md shows the same.</summary>
public sealed class MessageTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 30, 15, 250, TimeSpan.Zero);
    private static readonly ChannelSettings Channel = new() { Name = "pager" };

    [Fact]
    public void OneEvent_IsTheSummary()
    {
        Batch batch = new([NoActive()], Time);

        Assert.Equal("Critical: NoActive default/web", batch.Summary());
    }

    [Fact]
    public void SeveralEventsOfOneVirtualIP_AreCountedByReason()
    {
        Batch batch = new([NoActive(), ActiveChanged("web", "node-b"), ActiveChanged("web", "node-a")], Time);

        Assert.Equal("Critical: default/web: 1 NoActive, 2 ActiveChanged", batch.Summary());
        Assert.Equal(["NoActive", "ActiveChanged", "ActiveChanged"], batch.Listed.Select(r => r.Last.Reason));
    }

    [Fact]
    public void NodeDeath_IsOneLine()
    {
        Batch batch = new([.. Enumerable.Range(1, 50).Select(i => ActiveChanged($"site-{i}", "node-b"))], Time);

        Assert.Equal("Normal: 50 VirtualIPs: 50 ActiveChanged", batch.Summary());
        Assert.Equal(50, batch.Listed.Count);
    }

    [Fact]
    public void SameEventAgain_IsListedOnceWithItsCount()
    {
        Notification last = NoActive() with { Time = Time.AddSeconds(5) };
        Batch batch = new([NoActive(), NoActive(), last], Time);

        Assert.Equal(new Repeated(last, 3), Assert.Single(batch.Listed));
        Assert.Equal(3, batch.Count);
    }

    [Fact]
    public void MoreThanCanBeListed_AreCountedAndTheGravestListed()
    {
        Batch batch = new(
            [.. Enumerable.Range(1, 600).Select(i => ActiveChanged($"site-{i}", "node-b")), NoActive()], Time);

        Assert.Equal(500, batch.Listed.Count);
        Assert.Equal(101, batch.Omitted);
        Assert.Equal("NoActive", batch.Listed[0].Last.Reason);
        Assert.Equal("Critical: 601 VirtualIPs: 1 NoActive, 600 ActiveChanged", batch.Summary());
    }

    [Fact]
    public void WebhookBody_IsAsPromised()
    {
        Notification notification = NoActive() with { Id = new Guid("0195514f-5c7a-7c1e-8f3d-2a6b9c0d1e2f") };
        Batch batch = new([notification], Time);

        JsonNode body = JsonNode.Parse(WebhookBody.Write(batch, Channel, "production"))!;

        JsonNode expected = JsonNode.Parse($$"""
            {
              "apiVersion": "vipoperator.io/v1alpha1",
              "kind": "Notification",
              "id": "{{batch.Id}}",
              "cluster": "production",
              "channel": "pager",
              "time": "2026-03-01T12:30:15.25Z",
              "severity": "Critical",
              "summary": "Critical: NoActive default/web",
              "events": [
                {
                  "id": "0195514f-5c7a-7c1e-8f3d-2a6b9c0d1e2f",
                  "time": "2026-03-01T12:30:15.25Z",
                  "count": 1,
                  "severity": "Critical",
                  "reason": "NoActive",
                  "message": "No member is Active: node-a is Fault (ProbeFailed).",
                  "virtualIP": {
                    "namespace": "default",
                    "name": "web",
                    "uid": "6b1f",
                    "addresses": ["192.168.1.108"],
                    "virtualRouterId": 51
                  },
                  "activeNode": null,
                  "activePod": null
                }
              ],
              "omittedEvents": 0
            }
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, body), body.ToJsonString());
    }

    [Fact]
    public void Mail_IsAsPromised()
    {
        Batch batch = new([ActiveChanged("web", "node-b"), NoActive(), NoActive()], Time);
        MailSettings settings =
            new() { Server = "smtp", Port = 25, From = "vip@example.org", To = ["ops@example.org"] };

        MimeKit.MimeMessage mail = MailText.Write(batch, settings, "production");

        Assert.Equal("[vip-operator production] Critical: default/web: 2 NoActive, 1 ActiveChanged", mail.Subject);
        Assert.Equal($"{batch.Id:n}@example.org", mail.MessageId);
        Assert.Equal("auto-generated", mail.Headers[MimeKit.HeaderId.AutoSubmitted]);
        Assert.Equal(
            $"""
            Critical: NoActive default/web (192.168.1.108), 2 times, the last
              2026-03-01 12:30:15Z  No member is Active: node-a is Fault (ProbeFailed).

            Normal: ActiveChanged default/web (192.168.1.108)
              2026-03-01 12:30:15Z  The pod web-node-b on node-b is Active.

            -- 
            vip-operator production on {Environment.MachineName}
            How it is now: kubectl get virtualips --all-namespaces

            """,
            mail.TextBody!.ReplaceLineEndings("\n"));
    }

    /// <summary>printf '1763904000.{"kind":"Notification"}' | openssl dgst -sha256 -hmac 'a-key-of-the-test'</summary>
    [Fact]
    public void Signature_IsWhatOpensslComputes() => Assert.Equal(
        "t=1763904000,v1=66eb2cf8dae4a325af132f72407166f0eed4953cc6f20f69410e93f4bffdf8d9",
        WebhookSignature.Of(
            "a-key-of-the-test"u8,
            DateTimeOffset.FromUnixTimeSeconds(1763904000),
            Encoding.UTF8.GetBytes("""{"kind":"Notification"}""")));

    private static Notification NoActive() => new()
    {
        Time = Time,
        Severity = Severity.Critical,
        Reason = nameof(EventReason.NoActive),
        Message = "No member is Active: node-a is Fault (ProbeFailed).",
        VirtualIP = new ObjectKey("default", "web"),
        Uid = "6b1f",
        Addresses = ["192.168.1.108"],
        VirtualRouterId = 51,
    };

    private static Notification ActiveChanged(string name, string node) => new()
    {
        Time = Time,
        Severity = Severity.Normal,
        Reason = nameof(EventReason.ActiveChanged),
        Message = $"The pod {name}-{node} on {node} is Active.",
        VirtualIP = new ObjectKey("default", name),
        Uid = name,
        Addresses = ["192.168.1.108"],
        VirtualRouterId = 51,
        ActiveNode = node,
        ActivePod = $"{name}-{node}",
    };
}
