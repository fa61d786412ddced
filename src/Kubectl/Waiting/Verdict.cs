namespace VipOperator.Kubectl.Waiting;

/// <summary>How far something is that is waited for.</summary>
/// <param name="IsDone">Whether it has come about.</param>
/// <param name="Lines">What there is to tell; each is printed when it is new.</param>
internal sealed record Verdict(bool IsDone, IReadOnlyList<string> Lines);
