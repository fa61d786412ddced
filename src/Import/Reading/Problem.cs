namespace VipOperator.Import;

/// <summary>Something that keepalived itself complains about.</summary>
/// <param name="Place">Where.</param>
/// <param name="Message">What, and what keepalived does about it.</param>
/// <param name="IsFatal">
/// Nobody can tell what was meant, although keepalived may go on: nothing is imported. Others stand in the report.
/// </param>
public sealed record Problem(Place Place, string Message, bool IsFatal)
{
    public override string ToString() => $"{Place}: {Message}";
}
