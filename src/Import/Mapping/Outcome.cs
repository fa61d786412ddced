namespace VipOperator.Import;

/// <summary>What became of a directive.</summary>
public enum Outcome
{
    /// <summary>The manifests say the same, or it needs saying no more.</summary>
    Mapped,

    /// <summary>The manifests say something like it; the sentence says what differs.</summary>
    Approximated,

    /// <summary>Nothing in the manifests comes of it.</summary>
    Left,
}
