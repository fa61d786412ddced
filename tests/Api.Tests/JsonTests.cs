using System.Text.Json;
using System.Text.Json.Nodes;

namespace VipOperator.Api.Tests;

/// <summary>The types read what an API server sends and write what it takes.</summary>
public sealed class JsonTests
{
    [Fact]
    public void FieldsThatAreLeftOut_HaveTheirDefaults()
    {
        VirtualIP read = JsonSerializer.Deserialize(
            """{"spec":{"addresses":["192.168.1.108"],"selector":{"matchLabels":{"app":"nginx"}},"probe":{"http":{}}}}""",
            ApiJsonContext.Default.VirtualIP)!;

        VirtualIPSpec expected = new()
        {
            Addresses = read.Spec.Addresses,
            Selector = read.Spec.Selector,
            Probe = new ProbeSpec { Http = new HttpProbeSpec() },
        };
        Assert.Equal(expected, read.Spec);
        Assert.Equal(GroupVersion.ApiVersion, read.ApiVersion);
        Assert.Equal(new ObjectMetadata(), read.Metadata);
    }

    [Fact]
    public void FieldsOfPartOfAnObject_LeaveTheOthersAtTheirDefaults()
    {
        VirtualIPMember read = JsonSerializer.Deserialize(
            """
            {"spec":{"addresses":["192.168.1.108"],"virtualRouterId":51,"priority":100,"vrrp":{"version":2,"preempt":{"delay":"30s"}},
             "peers":[{"addresses":["10.0.0.1"]}]}}
            """,
            ApiJsonContext.Default.VirtualIPMember)!;

        Assert.Equal(new VrrpSpec
        { Version = 2, Preempt = new PreemptSpec { Delay = GatewayDuration.FromSeconds(30) } }, read.Spec.Vrrp);
        Assert.Equal("", read.Spec.PodName);
        Assert.Equal("", read.Spec.Peers![0].NodeName);
    }

    [Fact]
    public void UnknownFields_AreTolerated()
    {
        VirtualIPMember read = JsonSerializer.Deserialize(
            """{"spec":{"addresses":["192.168.1.108"],"virtualRouterId":51,"priority":100,"fromTheFuture":{"x":1}},"also":true}""",
            ApiJsonContext.Default.VirtualIPMember)!;

        Assert.Equal(51, read.Spec.VirtualRouterId);
    }

    [Fact]
    public void RequiredFieldThatIsMissing_IsRefusedByName()
    {
        JsonException refusal = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(
            """{"spec":{"addresses":["192.168.1.108"],"priority":100}}""", ApiJsonContext.Default.VirtualIPMember));

        Assert.Contains("virtualRouterId", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z")]
    [InlineData("2026-01-02T03:04:05.999999Z")]
    [InlineData("2026-01-02T05:04:05.5+02:00")]
    public void Times_AreWrittenInUtcAndWholeSeconds(string time)
    {
        VirtualIP read = JsonSerializer.Deserialize(
            """{"metadata":{"deletionTimestamp":"TIME"},"spec":{"addresses":[],"selector":{}}}""".Replace("TIME", time, StringComparison.Ordinal),
            ApiJsonContext.Default.VirtualIP)!;

        Assert.Contains(
            "\"deletionTimestamp\":\"2026-01-02T03:04:05Z\"",
            JsonSerializer.Serialize(read, ApiJsonContext.Default.VirtualIP),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Member_IsWrittenAsItWasRead()
    {
        const string Text = """
            {"apiVersion":"vipoperator.io/v1alpha1","kind":"VirtualIPMember",
             "metadata":{"name":"web-a","namespace":"default","uid":"u","resourceVersion":"7","generation":3,
               "creationTimestamp":"2026-01-02T03:04:05Z","labels":{"vipoperator.io/pod-uid":"p"},
               "ownerReferences":[{"apiVersion":"vipoperator.io/v1alpha1","kind":"VirtualIP","name":"web","uid":"v","controller":true}]},
             "spec":{"virtualIPName":"web","podName":"a","podUid":"p","nodeName":"n","addresses":["192.168.1.108/32","2001:db8::1/64"],
               "interfaceName":"eth0","virtualRouterId":51,"priority":100,
               "vrrp":{"version":2,"advertisementInterval":"1s","preempt":{"enabled":false,"delay":"1m"},"transport":"Unicast",
                 "authentication":{"type":"Simple","secretRef":{"name":"s","key":"k"}},"announcementRefresh":"0s","addressLifetime":"3s","virtualMac":true},
               "standby":true,"peers":[{"nodeName":"m","addresses":["10.0.0.1"]}],
               "probe":{"tcp":{"port":443},"interval":"500ms","timeout":"1s","failureThreshold":3,"successThreshold":2,
                 "restartGrace":"3s","onFailure":"Demote","weight":50},
               "explanation":"Rank 1.","inquiry":"Is it?","awaitedSince":"2026-01-02T03:04:05Z"},
             "status":{"observedGeneration":3,"state":"Active","since":"2026-01-02T03:04:05Z","reason":"Preempted",
               "effectivePriority":100,"probe":{"result":"Passing","since":"2026-01-02T03:04:05Z"},
               "boundAddresses":["192.168.1.108/32"],
               "routers":[{"family":"IPv4","state":"Active","since":"2026-01-02T03:04:05Z","reason":"Preempted","interfaceName":"eth0",
                 "primaryAddress":"10.0.0.2"}],
               "heard":[{"interfaceName":"eth0","virtualRouterId":1,"version":3,"priority":200,"source":"10.0.0.9","reason":"UnknownRouter"}]}}
            """;

        VirtualIPMember read = JsonSerializer.Deserialize(Text, ApiJsonContext.Default.VirtualIPMember)!;
        string written = JsonSerializer.Serialize(read, ApiJsonContext.Default.VirtualIPMember);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Text), JsonNode.Parse(written)), written);
    }

    [Fact]
    public void NothingIsWritten_OfWhatIsNull()
    {
        string written = JsonSerializer.Serialize(
            new VirtualIPStatus { ObservedGeneration = 1, ActiveNode = null }, ApiJsonContext.Default.VirtualIPStatus);

        Assert.Equal("""{"observedGeneration":1}""", written);
    }
}
