namespace VipOperator.Import;

/// <summary>What became of one line, in a sentence.</summary>
/// <param name="Place">The line.</param>
/// <param name="Text">The line's own words, without what is secret in them.</param>
/// <param name="Outcome">In a word.</param>
/// <param name="Sentence">Why, or as what.</param>
/// <param name="NeedsDecision">A person has to decide something before the manifests are used.</param>
public sealed record Finding(Place Place, string Text, Outcome Outcome, string Sentence, bool NeedsDecision);
