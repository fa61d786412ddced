namespace VipOperator.Documents;

/// <summary>Something wrong with a document.</summary>
/// <param name="Path">The field: "spec.addresses[0]"; empty for the document.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record SpecProblem(string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
