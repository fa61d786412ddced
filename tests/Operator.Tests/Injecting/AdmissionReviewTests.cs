using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using VipOperator.Operator.Injecting;

namespace VipOperator.Operator.Tests.Injecting;

/// <summary>Questions of API servers and of anybody else; the documents are those of admission.k8s.io/v1.</summary>
public sealed class AdmissionReviewTests
{
    [Fact]
    public void LabelledPod_IsAllowedWithAPatch()
    {
        AdmissionAnswer answer = Sidecar.Answer(Sidecar.Review(Sidecar.Pod()));

        JsonNode response = answer.Body!["response"]!;
        Assert.Equal("admission.k8s.io/v1", answer.Body["apiVersion"]!.GetValue<string>());
        Assert.Equal("AdmissionReview", answer.Body["kind"]!.GetValue<string>());
        Assert.Equal("705ab4f5-6393-11e8-b7cc-42010a800002", response["uid"]!.GetValue<string>());
        Assert.True(response["allowed"]!.GetValue<bool>());
        Assert.Equal("JSONPatch", response["patchType"]!.GetValue<string>());
        Assert.Equal("/spec/containers/-", Sidecar.PatchOf(answer.Body)![0]!["path"]!.GetValue<string>());
        Assert.Equal("apps/nginx-a", answer.Pod);
    }

    [Fact]
    public void PodOfAController_IsNamedByWhatItsNameBeginsWith() => Assert.Equal(
        "apps/nginx-*",
        Sidecar.Answer(Sidecar.Review(Sidecar.Pod("""{"generateName":"nginx-","labels":{"vipoperator.io/inject":"true"} }"""))).Pod);

    [Theory]
    [InlineData("UPDATE", "pods", null)]
    [InlineData("DELETE", "pods", "null")]
    [InlineData("CREATE", "configmaps", null)]
    [InlineData("CREATE", "pods", "null")]
    [InlineData("CREATE", "pods", "\"pod\"")]
    [InlineData("CREATE", "pods", """{"metadata":{"labels":{"vipoperator.io/inject":"no"} } }""")]
    public void WhateverElse_IsAllowedAsItIs(string operation, string resource, string? pod)
    {
        AdmissionAnswer answer = Sidecar.Answer(Sidecar.Review(pod ?? Sidecar.Pod(), operation, resource));

        Assert.Equal(
            """{"uid":"705ab4f5-6393-11e8-b7cc-42010a800002","allowed":true}""", answer.Body!["response"]!.ToJsonString());
        Assert.Null(answer.Pod);
    }

    [Theory]
    [InlineData("", "The body is no JSON")]
    [InlineData("{", "The body is no JSON")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"\ud800"}""", "The body holds text that is no Unicode")]
    [InlineData("7", "The body is no AdmissionReview of admission.k8s.io/v1")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"1"} }""", "The body is no AdmissionReview")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""", "has no request with a uid")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":7} }""", "has no request with a uid")]
    public void WhatIsNoQuestion_IsRefusedWithAReason(string body, string problem)
    {
        AdmissionAnswer answer = Sidecar.Answer(body);

        Assert.Null(answer.Body);
        Assert.Contains(problem, answer.Problem, StringComparison.Ordinal);
    }

    /// <summary>Any bytes, and any change of a good question, end in an answer or a reason.</summary>
    [Fact]
    public void AnyBytes_NeverThrow()
    {
        byte[] good = Encoding.UTF8.GetBytes(Sidecar.Review(Sidecar.Pod()));
        Gen.Select(Gen.Byte.Array, Gen.Int[0, good.Length - 1], Gen.Byte).Sample((bytes, index, value) =>
        {
            byte[] changed = [.. good];
            changed[index] = value;
            foreach (byte[] body in new[] { bytes, changed, good[..index] })
            {
                AdmissionAnswer answer = AdmissionReview.Answer(body, Sidecar.Template);
                Assert.True(answer.Body is null != answer.Problem is null);
            }
        });
    }
}
