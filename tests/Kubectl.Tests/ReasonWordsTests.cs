using VipOperator.Kubectl.Showing;
using VipOperator.Vrrp;

namespace VipOperator.Kubectl.Tests;

public sealed class ReasonWordsTests
{
    [Fact]
    public void EveryTransitionReason_HasWords() =>
        Assert.All(Enum.GetValues<TransitionReason>().Except([TransitionReason.None]),
            r => Assert.True(ReasonWords.Has(r.ToString()), $"{r}"));
}
