using VipOperator.Operator.Injecting;

namespace VipOperator.Operator.Tests.Injecting;

/// <summary>What is changed of a pod; the expected patches follow RFC 6902.</summary>
public sealed class SidecarPatchTests
{
    private const string Labelled = """{"labels":{"vipoperator.io/inject":"true"} }""";

    [Fact]
    public void LabelledPod_GetsTheContainerLastAndTheVolumes()
    {
        Assert.Equal(
            """
            [{"op":"add","path":"/spec/containers/-",
            "value":{"name":"vip-sidecar","image":"sidecar:1","volumeMounts":[{"name":"vip-state","mountPath":"/run/vip-sidecar"}]}},
            {"op":"add","path":"/spec/volumes","value":[]},
            {"op":"add","path":"/spec/volumes/-","value":{"name":"vip-state","emptyDir":{}}},
            {"op":"add","path":"/spec/volumes/-","value":{"name":"vip-token","emptyDir":{}}}]
            """.ReplaceLineEndings(""),
            Sidecar.PatchFor(Sidecar.Pod())!.ToJsonString());
    }

    [Fact]
    public void VolumeThatIsThere_IsTakenAsItIs()
    {
        string patch = Sidecar.PatchFor(Sidecar.Pod(
            spec: """{"containers":[{"name":"nginx"}],"volumes":[{"name":"vip-token","secret":{"secretName":"own"} }]}"""))!.ToJsonString();

        Assert.DoesNotContain("vip-token", patch, StringComparison.Ordinal);
        Assert.DoesNotContain("\"/spec/volumes\"", patch, StringComparison.Ordinal);
        Assert.Contains("""{"op":"add","path":"/spec/volumes/-","value":{"name":"vip-state","emptyDir":{}}}""", patch, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_AreMountedIntoTheSidecarByName()
    {
        string patch = Sidecar.PatchFor(Sidecar.Pod(
            """{"labels":{"vipoperator.io/inject":"true"},"annotations":{"vipoperator.io/inject-secrets":" vrrp-key,, other "} }"""))!.ToJsonString();

        Assert.Contains(
            """{"name":"vip-secret-0","mountPath":"/etc/vip-sidecar/secrets/vrrp-key","readOnly":true}""", patch, StringComparison.Ordinal);
        Assert.Contains("""{"name":"vip-secret-1","mountPath":"/etc/vip-sidecar/secrets/other","readOnly":true}""", patch, StringComparison.Ordinal);
        Assert.Contains("""{"name":"vip-secret-1","secret":{"secretName":"other","defaultMode":256}}""", patch, StringComparison.Ordinal);
        Assert.DoesNotContain("vip-secret-2", patch, StringComparison.Ordinal);
    }

    [Fact]
    public void Patch_LeavesTheTemplateAsItWas()
    {
        string before = Sidecar.Template.Container.ToJsonString();

        Sidecar.PatchFor(Sidecar.Pod("""{"labels":{"vipoperator.io/inject":"true"},"annotations":{"vipoperator.io/inject-secrets":"a"} }"""));

        Assert.Equal(before, Sidecar.Template.Container.ToJsonString());
    }

    [Theory]
    [InlineData("""{"labels":{"vipoperator.io/inject":"false"} }""", """{"containers":[{"name":"nginx"}]}""")]
    [InlineData("""{"labels":{"vipoperator.io/inject":"True"} }""", """{"containers":[{"name":"nginx"}]}""")]
    [InlineData("""{"labels":{"app":"nginx"} }""", """{"containers":[{"name":"nginx"}]}""")]
    [InlineData("""{"annotations":{"vipoperator.io/inject":"true"} }""", """{"containers":[{"name":"nginx"}]}""")]
    [InlineData(Labelled, """{"containers":[{"name":"nginx"},{"name":"vip-sidecar"}]}""")]
    [InlineData(Labelled, """{"containers":[{"name":"nginx"}],"initContainers":[{"name":"vip-sidecar","restartPolicy":"Always"}]}""")]
    [InlineData(Labelled, """{"containers":{} }""")]
    [InlineData(Labelled, "[]")]
    [InlineData("\"text\"", """{"containers":[]}""")]
    [InlineData("""{"labels":{"vipoperator.io/inject":true} }""", """{"containers":[]}""")]
    public void AnyOtherPod_IsLeftAlone(string metadata, string spec) =>
        Assert.Null(Sidecar.PatchFor(Sidecar.Pod(metadata, spec)));

    [Theory]
    [InlineData("null", "An object with container and volumes")]
    [InlineData("[]", "An object with container and volumes")]
    [InlineData("""{"volumes":[]}""", "container must be one named vip-sidecar")]
    [InlineData("""{"container":{"name":"nginx","volumeMounts":[]},"volumes":[]}""", "container must be one named vip-sidecar")]
    [InlineData("""{"container":{"name":"vip-sidecar"},"volumes":[]}""", "container must be one named vip-sidecar")]
    [InlineData("""{"container":{"name":"vip-sidecar","volumeMounts":[]} }""", "volumes must be a list")]
    [InlineData("""{"container":{"name":"vip-sidecar","volumeMounts":[]},"volumes":[{"name":1}]}""", "volumes must be a list")]
    public void WrongTemplate_IsRefused(string text, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(() => SidecarTemplate.Parse(text)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void WrongTemplateFile_IsNamed()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "{");
            Assert.StartsWith(path + ": ", Assert.Throws<InvalidDataException>(() => SidecarTemplate.Read(path))
                .Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
