namespace VipOperator.Docs.Tests;

public sealed class ApiReferenceTests
{
    [Fact]
    public void Reference_IsMadeFromTheDefinitions() => Repository.HoldsGenerated(
        "docs/api-reference.md",
        ApiReference.Of([Repository.At("crds", "vipoperator.io_virtualips.yaml"),
            Repository.At("crds", "vipoperator.io_virtualipmembers.yaml")]));
}
