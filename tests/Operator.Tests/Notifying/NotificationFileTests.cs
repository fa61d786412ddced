using VipOperator.Operator.Notifying;
using VipOperator.Planning;

namespace VipOperator.Operator.Tests.Notifying;

public sealed class NotificationFileTests
{
    [Fact]
    public void EverythingSet_IsRead()
    {
        NotificationFile file = NotificationFile.Parse("n.yaml", """
            apiVersion: vipoperator.io/v1alpha1
            kind: NotificationConfiguration
            clusterName: production
            channels:
            - name: operations
              minimumSeverity: Warning
              reasons: [NoActive, MultipleActive]
              namespaces: [web, shop]
              gatherTime: 1s500ms
              rateLimit: {messages: 5, interval: 10m}
              retryFor: 2h
              mail:
                server: smtp.example.org
                port: 2525
                tls: {mode: Implicit, caFile: /etc/ca.pem}
                authentication: {usernameFile: /etc/smtp/username, passwordFile: /etc/smtp/password}
                from: Virtual IPs <vip@example.org>
                to: [ops@example.org, "Night shift <night@example.org>"]
                timeout: 20s
            - name: pager
              webhook: {urlFile: /etc/pager/url, signingKeyFile: /etc/pager/key, tls: {caFile: /etc/ca.pem}, timeout: 5s}
            """);

        Assert.Empty(file.Problems);
        Assert.Equal(
            new NotificationSettings
            {
                ClusterName = "production",
                Channels =
                [
                    new ChannelSettings
                    {
                        Name = "operations",
                        MinimumSeverity = Severity.Warning,
                        Reasons = [EventReason.NoActive, EventReason.MultipleActive],
                        Namespaces = ["web", "shop"],
                        GatherTime = TimeSpan.FromSeconds(1.5),
                        RateMessages = 5,
                        RateInterval = TimeSpan.FromMinutes(10),
                        RetryFor = TimeSpan.FromHours(2),
                        Mail = new MailSettings
                        {
                            Server = "smtp.example.org",
                            Port = 2525,
                            TlsMode = TlsMode.Implicit,
                            CaFile = "/etc/ca.pem",
                            UsernameFile = "/etc/smtp/username",
                            PasswordFile = "/etc/smtp/password",
                            From = "Virtual IPs <vip@example.org>",
                            To = ["ops@example.org", "Night shift <night@example.org>"],
                            Timeout = TimeSpan.FromSeconds(20),
                        },
                    },
                    new ChannelSettings
                    {
                        Name = "pager",
                        Webhook = new WebhookSettings
                        {
                            UrlFile = "/etc/pager/url",
                            SigningKeyFile = "/etc/pager/key",
                            CaFile = "/etc/ca.pem",
                            Timeout = TimeSpan.FromSeconds(5),
                        },
                    },
                ],
            },
            file.Settings);
    }

    [Theory]
    [InlineData("", 587)]
    [InlineData(", tls: {mode: Opportunistic}", 587)]
    [InlineData(", tls: {mode: Implicit}", 465)]
    public void Port_IsTheOneOfTheTlsMode(string tls, int port)
    {
        NotificationFile file = Parse($"- {{name: a, mail: {{server: smtp, from: a@b, to: [c@d]{tls}}}}}");

        Assert.Equal(port, file.Settings!.Channels[0].Mail!.Port);
    }

    [Fact]
    public void WithoutReasons_WhatPeopleDoThemselvesIsNotTold()
    {
        ChannelSettings channel = Parse("- {name: a, webhook: {url: 'https://example.org/x'}}").Settings!.Channels[0];

        Assert.Equal(
            [
                EventReason.InvalidSpec, EventReason.AddressConflict, EventReason.VirtualRouterIdConflict,
                EventReason.VirtualRouterIdsExhausted,
                EventReason.NoEligiblePods, EventReason.ActiveChanged, EventReason.NoActive, EventReason.MultipleActive,
                EventReason.ActiveNotHeard,
                EventReason.HandoverBlocked, EventReason.ActiveNodeUnavailable,
                EventReason.Disturbed, EventReason.Undisturbed,
            ],
            Enum.GetValues<EventReason>().Where(r => channel.Wants(r, "any")));
    }

    [Fact]
    public void SeverityReasonAndNamespace_AreAllAskedFor()
    {
        ChannelSettings channel = Parse(
            "- {name: a, minimumSeverity: Critical, namespaces: [web], reasons: [NoActive, ActiveChanged], webhook: "
            + "{url: 'https://example.org/x'}}")
            .Settings!.Channels[0];

        Assert.True(channel.Wants(EventReason.NoActive, "web"));
        Assert.False(channel.Wants(EventReason.NoActive, "shop"));
        Assert.False(channel.Wants(EventReason.ActiveChanged, "web"));
        Assert.False(channel.Wants(EventReason.MultipleActive, "web"));
    }

    [Fact]
    public void Json_IsReadToo()
    {
        NotificationFile file = NotificationFile.Parse("n.json", """
            {"apiVersion": "vipoperator.io/v1alpha1", "kind": "NotificationConfiguration",
             "channels": [{"name": "a", "webhook": {"url": "https://example.org/x"}}]}
            """);

        Assert.Empty(file.Problems);
    }

    [Theory]
    [InlineData("- {name: a, webhook: {url: 'https://example.org/x', secret: x}}", "n.yaml:4:",
        "channels[0].webhook.secret: is unknown")]
    [InlineData("- name: a\n  colour: red\n  webhook: {url: 'https://example.org/x'}", "n.yaml:5:3:",
        "channels[0].colour: is unknown")]
    [InlineData("- {name: a}", "n.yaml:4:", "must have either mail or webhook")]
    [InlineData("- {name: a, webhook: {}}", "n.yaml:4:", "must have either url or urlFile")]
    [InlineData("- {name: a, webhook: {url: 'https://user:word@example.org/'}}", "n.yaml:4:", "without a user's name")]
    [InlineData(
        "- {name: a, webhook: {url: 'ftp://example.org/'}}", "n.yaml:4:", "must be an http:// or https:// address")]
    [InlineData("- {name: a, webhook: {urlFile: x}}", "n.yaml:4:", "allowed is the absolute path of a file")]
    [InlineData("- {name: a, mail: {server: smtp, from: nobody, to: [c@d]}}", "n.yaml:4:",
        "mail.from: is 'nobody'; allowed is a mail address")]
    [InlineData(
        "- {name: a, mail: {server: smtp, from: a@b, to: []}}", "n.yaml:4:", "has 0 entries; allowed is 1 to 100")]
    [InlineData(
        "- {name: a, mail: {server: 'smtp/x', from: a@b, to: [c@d]}}", "n.yaml:4:", "the port is a field of its own")]
    [InlineData("- {name: a, mail: {server: smtp, from: a@b, to: [c@d], authentication: {usernameFile: /u}}}",
        "n.yaml:4:", "passwordFile: is missing")]
    [InlineData("- {name: a, mail: {server: smtp, from: a@b, to: [c@d], tls: {mode: None}}}", "n.yaml:4:",
        "Required or Opportunistic or Implicit")]
    [InlineData("- {name: a, reasons: [Boredom], webhook: {url: 'https://example.org/x'}}", "n.yaml:4:",
        "reasons[0]: is 'Boredom'; allowed are Accepted, InvalidSpec")]
    [InlineData(
        "- {name: a, gatherTime: 11m, webhook: {url: 'https://example.org/x'}}", "n.yaml:4:", "allowed is 0s to 10m")]
    [InlineData("- {name: a, rateLimit: {messages: 0}, webhook: {url: 'https://example.org/x'}}",
        "n.yaml:4:", "from 1 to 10000")]
    [InlineData(
        "- {name: A b, webhook: {url: 'https://example.org/x'}}", "n.yaml:4:", "allowed are lower-case letters")]
    [InlineData(
        "- {name: a, webhook: {url: 'https://example.org/x'}}\n- {name: a, webhook: {url: 'https://example.org/y'}}",
        "n.yaml:5:", "is the name of a channel before it already")]
    public void WrongField_IsRefusedWithItsPlaceAndWhatIsAllowed(string channels, string place, string problem)
    {
        NotificationFile file = Parse(channels);

        Assert.Null(file.Settings);
        Assert.Contains(file.Problems, p => p.StartsWith(place, StringComparison.Ordinal)
            && p.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "n.yaml:1:1: one document is needed, not 0")]
    [InlineData("a: b\n---\nc: d", "n.yaml:3:1: one document is needed, not 2")]
    [InlineData("kind: [", "n.yaml:2:1: is not YAML")]
    [InlineData("- x", "n.yaml:1:1: must be a mapping, not a list")]
    [InlineData("apiVersion: v1\nkind: NotificationConfiguration\nchannels: [{name: a, webhook: {url: 'http://x'}}]",
        "n.yaml:1:1: apiVersion: is 'v1'; allowed is vipoperator.io/v1alpha1")]
    public void WrongDocument_IsRefused(string text, string problem)
    {
        NotificationFile file = NotificationFile.Parse("n.yaml", text);

        Assert.Contains(file.Problems, p => p.StartsWith(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void MissingFile_IsAProblem() =>
        Assert.StartsWith(
            "/does/not/exist:1:1: the file cannot be read", NotificationFile.Load("/does/not/exist").Problems.Single());

    private static NotificationFile Parse(string channels) =>
        NotificationFile.Parse(
            "n.yaml", $"apiVersion: vipoperator.io/v1alpha1\nkind: NotificationConfiguration\nchannels:\n{channels}\n");
}
