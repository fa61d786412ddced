using System.Reflection;
using System.Text.Json;
using VipOperator.Api;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Mapping;
using VipOperator.Planning;
using VipOperator.Vrrp;

namespace VipOperator.Operator.Tests;

/// <summary>Between the API's objects and planning's.</summary>
public sealed class MappingTests
{
    [Theory]
    [InlineData("""{"addresses":["nonsense"],"selector":{"matchLabels":{"a":"b"}}}""", "spec.addresses: 'nonsense' is not an IPv4 or IPv6 address")]
    [InlineData("""{"addresses":[],"selector":{"matchLabels":{"a":"b"}}}""", "spec.addresses: must hold at least one address.")]
    [InlineData("""{"addresses":["10.0.0.1","10.0.0.1/24"],"selector":{"matchLabels":{"a":"b"}}}""", "must not name an address twice")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchLabels":{"a":"b"}},"virtualRouterId":0}""", "spec.virtualRouterId: must be 1 to 255, not 0.")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchLabels":{"a":"b"}},"priority":{"highest":255}}""", "spec.priority.highest: must be 1 to 254, not 255.")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchLabels":{"a":"b"}},"vrrp":{"version":4}}""", "spec.vrrp.version: must be 2 or 3, not 4.")]
    [InlineData("""{"addresses":["2001:db8::1"],"selector":{"matchLabels":{"a":"b"}},"vrrp":{"version":2}}""", "IPv6 addresses need vrrp.version 3")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchLabels":{"a":"b"}},"vrrp":{"advertisementInterval":"5ms"}}""", "must be 10ms to 40s950ms in steps of 10ms with version 3, not 5ms.")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchLabels":{"a":"b"}},"vrrp":{"advertisementInterval":"99999h"}}""", "must be 10ms to 40s950ms")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchLabels":{"a":"b"}},"vrrp":{"version":2,"advertisementInterval":"10ms"}}""", "must be 1s to 255s in whole seconds with version 2, not 10ms.")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchExpressions":[{"key":"a","operator":"Like"}]}}""", "spec.selector: the operator must be In, NotIn, Exists or DoesNotExist, not 'Like'.")]
    [InlineData("""{"addresses":"10.0.0.1","selector":{}}""", "addresses")]
    [InlineData("""{"addresses":["10.0.0.1"],"selector":{"matchLabels":{"a":"b"}},"probe":{"onFailure":"Explode"}}""", "onFailure")]
    [InlineData("""{}""", "addresses")]
    public void VirtualIPThatMakesNoSense_SaysWhyAndKeepsItsStatus(string spec, string problem)
    {
        JsonElement item = Parse($$"""
            {"metadata":{"name":"web","namespace":"default","uid":"u","generation":7,"creationTimestamp":"2026-01-01T00:00:00Z"},
             "spec":{{spec}},"status":{"virtualRouterId":51} }
            """);

        VirtualIPObject read = VirtualIPMapper.Read(item, Metadata(item)).Object;

        Assert.Null(read.Settings);
        Assert.Contains(problem, read.Problem, StringComparison.Ordinal);
        Assert.Equal((new ObjectKey("default", "web"), "u", 7L, 1767225600L),
            (read.Key, read.Uid, read.Generation, read.CreatedUnixS));
        Assert.Equal(51, read.Report.VirtualRouterId!.Value.Value);
    }

    [Fact]
    public void Member_IsReadBackAsItWasWritten()
    {
        MemberSpec spec = new()
        {
            VirtualIPName = "web",
            PodName = "nginx-1",
            PodUid = "p",
            NodeName = "node1",
            Addresses = [IpPrefix.Parse("192.168.1.108/24"), IpPrefix.Parse("2001:db8::1")],
            InterfaceName = "eth0",
            VirtualRouterId = VirtualRouterId.Create(51),
            Priority = new Priority(100),
            Router = new RouterSettings
            {
                Version = VrrpVersion.V3,
                AdvertisementInterval = new Centiseconds(4095),
                Preempt = false,
                PreemptDelay = TimeSpan.FromSeconds(90),
                Transport = Transport.Unicast,
                Authentication = AuthenticationType.Hmac,
                Secret = new SecretKey("s", "k"),
                AnnouncementRefresh = TimeSpan.FromMinutes(5),
                AddressLifetime = TimeSpan.FromSeconds(4),
                VirtualMac = true,
            },
            Standby = true,
            Peers = [new Peer("node2", [IpAddress.Parse("192.168.1.104"), IpAddress.Parse("2001:db8::104")])],
            Probe = ProbeDocuments.Write(
                new ProbeSpec { Http = new HttpProbeSpec(), OnFailure = ProbeFailureAction.Demote }),
            Explanation = "Rank 1.",
            Inquiry = "Is it?",
            AwaitedSinceUnixS = 1_795_000_000,
        };
        ApplyMember step = new(new ObjectKey("default", "web"), "owner", "web-nginx-1-x", spec);

        JsonElement written = JsonSerializer.SerializeToElement(
            MemberMapper.Write(step), ApiJsonContext.Default.VirtualIPMember);
        MemberObject read = MemberMapper.Read(written, Metadata(written))!;

        Assert.Equal(spec, read.Spec);
        Assert.Equal(("owner", "p", true), (read.OwnerUid, read.PodUid, read.LabelsIntact));
        Assert.Equal("40s950ms", written.GetProperty("spec").GetProperty("vrrp")
            .GetProperty("advertisementInterval").GetString());
        Assert.Equal(50, written.GetProperty("spec").GetProperty("probe").GetProperty("weight").GetInt32());
    }

    [Fact]
    public void MemberThatNoVirtualIPOwns_IsLeftAlone()
    {
        JsonElement item = Parse("""{"metadata":{"name":"mine"},"spec":{"addresses":["10.0.0.1"],"virtualRouterId":1,"priority":1}}""");

        Assert.Null(MemberMapper.Read(item, Metadata(item)));
    }

    [Fact]
    public void MemberThatCannotBeRead_IsStillKnownByItsLabel()
    {
        JsonElement item = Parse("""
            {"metadata":{"name":"m","labels":{"vipoperator.io/pod-uid":"p"},
              "ownerReferences":[{"apiVersion":"vipoperator.io/v1alpha1","kind":"VirtualIP","name":"web","uid":"u"}]},
             "spec":{"addresses":["10.0.0.1"],"virtualRouterId":"x"}}
            """);

        MemberObject read = MemberMapper.Read(item, Metadata(item))!;

        Assert.Equal(("u", "p", null), (read.OwnerUid, read.PodUid, read.Spec));
    }

    [Fact]
    public void Status_IsReadBackAsItWasWritten()
    {
        VirtualIPReport report = new()
        {
            ObservedGeneration = 3,
            Conditions =
            [
                new ConditionReport(ConditionType.Accepted, ConditionStatus.True, ConditionReason.Accepted, "Fine.", 3),
                new ConditionReport(
                    ConditionType.Available, ConditionStatus.Unknown, ConditionReason.ActiveNotHeard, "Hm.", 3),
            ],
            VirtualRouterId = VirtualRouterId.Create(51),
            ActiveNode = "node1",
            ActivePod = "nginx-1",
            ReadyMembers = "1/2",
            Members =
            [
                new MemberSummary
                { Name = "m", PodName = "p", NodeName = "n", Priority = new Priority(254),
                    State = RouterCondition.Fault, Message = "!" },
                new MemberSummary { Name = "m2", PodName = "p2", NodeName = "n2", Priority = new Priority(253) },
                new MemberSummary
                {
                    Name = "m3", PodName = "p3", NodeName = "n3", Priority = new Priority(1),
                    State = RouterCondition.Unknown, Explanation = "Because.",
                },
            ],
        };
        DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

        VirtualIPStatus status = StatusMapper.Write(report, null, now);
        string text = JsonSerializer.Serialize(status, ApiJsonContext.Default.VirtualIPStatus);

        Assert.Equal(
            report, StatusMapper.Read(JsonSerializer.Deserialize(text, ApiJsonContext.Default.VirtualIPStatus)!));
        Assert.All(status.Conditions!, c => Assert.Equal(
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), c.LastTransitionTime));
    }

    [Fact]
    public void StatusOfAnotherVersion_IsReadAsFarAsItIsKnown()
    {
        VirtualIPStatus status = JsonSerializer.Deserialize(
            """
            {"virtualRouterId":999,"conditions":[
              {"type":"Shiny","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"X","message":""},
              {"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"Splendid","message":"m"}]}
            """,
            ApiJsonContext.Default.VirtualIPStatus)!;

        VirtualIPReport report = StatusMapper.Read(status);

        Assert.Equal(new ConditionReport(ConditionType.Ready, ConditionStatus.True, ConditionReason.Other, "m", null),
            Assert.Single(report.Conditions));
        Assert.Null(report.VirtualRouterId);
    }

    [Fact]
    public void WordsOfPlanning_AreThoseOfTheApi()
    {
        Assert.Equal(Constants(typeof(ConditionTypes)), Enum.GetNames<ConditionType>().Order());
        Assert.Equal(
            Constants(typeof(ConditionReasons)),
            Enum.GetNames<ConditionReason>().Where(n => n != nameof(ConditionReason.Other)).Order());
        Assert.Equal(Enum.GetNames<ReportedState>(), Enum.GetNames<RouterCondition>());
        Assert.Equal(Enum.GetNames<ReportedState>().Except(["Unknown"]), Enum.GetNames<MemberState>());
        Assert.Equal(WellKnown.RoleLabel, Roles.Label);
        Assert.Equal(WellKnown.ActiveNodeAnnotation, Ranking.RequestAnnotation);
    }

    [Fact]
    public void Node_IsReadWithWhatMovesItsMembers()
    {
        JsonElement item = Parse("""
            {"metadata":{"name":"n","annotations":{"vipoperator.io/evacuate":""}},
             "spec":{"unschedulable":true,"taints":[{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule"},
               {"key":"node.kubernetes.io/unreachable","effect":"NoExecute"},{"key":"maintenance","value":"x","effect":"NoExecute"}]}}
            """);

        NodeObject node = NodeMapper.Read(item, Metadata(item));

        Assert.Equal((true, true, false), (node.Evacuating, node.Cordoned, node.Ready));
        Assert.Equal([new Taint("maintenance", "x", "NoExecute")], node.Taints);
    }

    [Fact]
    public void EvacuateAnnotationThatSaysFalse_IsNone()
    {
        JsonElement item = Parse("""{"metadata":{"name":"n","annotations":{"vipoperator.io/evacuate":"false"}}}""");

        Assert.False(NodeMapper.Read(item, Metadata(item)).Evacuating);
    }

    [Theory]
    [InlineData("""{"containerStatuses":[{"name":"vip-sidecar","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}""", false)]
    [InlineData("""{"containerStatuses":[{"name":"vip-sidecar","state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""", true)]
    [InlineData("""{"initContainerStatuses":[{"name":"vip-sidecar","state":{"terminated":{"exitCode":1}}}]}""", true)]
    [InlineData("""{"containerStatuses":[{"name":"nginx","state":{"terminated":{"exitCode":1}}},{"name":"vip-sidecar"}]}""", false)]
    [InlineData("""{}""", false)]
    public void Pod_IsReadWithWhetherItsSidecarIsDown(string status, bool expected)
    {
        JsonElement item = Parse($$"""{"metadata":{"name":"p","namespace":"default","uid":"u"},"status":{{status}}}""");

        Assert.Equal(expected, PodMapper.Read(item, Metadata(item)).SidecarDown);
    }

    [Fact]
    public void Pod_IsReadWithTheTaintsThatItPutsUpWith()
    {
        JsonElement item = Parse("""
            {"metadata":{"name":"p","namespace":"default","uid":"u"},"spec":{"tolerations":[{"operator":"Exists"},
             {"key":"a","value":"b","effect":"NoExecute","tolerationSeconds":300}]}}
            """);

        Assert.Equal(
            [new Toleration(null, true, "", null, true), new Toleration("a", false, "b", "NoExecute", false)],
            PodMapper.Read(item, Metadata(item)).Tolerations);
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"nginx"},{"name":"vip-sidecar"}]}""", true)]
    [InlineData("""{"containers":[{"name":"nginx"}],"initContainers":[{"name":"vip-sidecar","restartPolicy":"Always"}]}""", true)]
    [InlineData("""{"containers":[{"name":"nginx"}],"initContainers":[{"name":"vip-sidecar"}]}""", false)]
    [InlineData("""{"containers":[{"name":"nginx"}]}""", false)]
    [InlineData("""{}""", false)]
    public void Pod_HasTheSidecarAsAContainerOrARestartableInitContainer(string spec, bool expected)
    {
        JsonElement item = Parse($$"""{"metadata":{"name":"p","namespace":"default","uid":"u"},"spec":{{spec}}}""");

        Assert.Equal(expected, PodMapper.Read(item, Metadata(item)).HasSidecar);
    }

    [Fact]
    public void Pod_IsReadAsFarAsItMatters()
    {
        JsonElement item = Parse("""
            {"metadata":{"name":"p","namespace":"default","uid":"u","labels":{"app":"nginx"},"deletionTimestamp":"2026-01-01T00:00:00Z"},
             "spec":{"nodeName":"n","hostNetwork":true,"containers":[{"name":"vip-sidecar","image":"i","ports":[{"containerPort":1}]}]},
             "status":{"phase":"Running","hostIP":"10.0.0.1","hostIPs":[{"ip":"10.0.0.1"},{"ip":"2001:db8::1"}],"qosClass":"BestEffort"}}
            """);

        PodObject pod = PodMapper.Read(item, Metadata(item));

        Assert.Equal(
            new PodObject
            {
                Key = new ObjectKey("default", "p"),
                Uid = "u",
                Labels = new LabelSet(("app", "nginx")),
                Terminating = true,
                NodeName = "n",
                HostAddresses = [IpAddress.Parse("10.0.0.1"), IpAddress.Parse("2001:db8::1")],
            },
            pod);
    }

    [Theory]
    [InlineData("""[{"type":"Ready","status":"True"}]""", true)]
    [InlineData("""[{"type":"Ready","status":"Unknown"}]""", false)]
    [InlineData("""[{"type":"DiskPressure","status":"True"}]""", false)]
    [InlineData("""[]""", false)]
    public void Node_IsReadyWhenItsConditionSaysSo(string conditions, bool expected)
    {
        JsonElement item = Parse($$"""{"metadata":{"name":"n"},"status":{"conditions":{{conditions}},"addresses":[{"type":"Hostname","address":"n"}]} }""");

        NodeObject node = NodeMapper.Read(item, Metadata(item));

        Assert.Equal((expected, 0), (node.Ready, node.Addresses.Count));
    }

    private static IEnumerable<string> Constants(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (string)f.GetRawConstantValue()!)
        .Order();

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static ObjectMetadata Metadata(JsonElement item) =>
        item.Deserialize(ClusterJsonContext.Default.AnyDocument)!.Metadata;
}
