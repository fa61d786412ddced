namespace VipOperator.Import;

/// <summary>
/// What the hosts of one virtual router do not agree on, and what none of them says; a sentence each.
/// </summary>
internal sealed class Differences
{
    private readonly List<string> _all = [];
    private readonly List<string> _silent = [];

    public IReadOnlyList<string> All => _all;

    /// <summary>What the manifests say although no line does.</summary>
    public IReadOnlyList<string> Silent => _silent;

    public void Add(string sentence)
    {
        if (!_all.Contains(sentence))
            _all.Add(sentence);
    }

    public void AddSilent(string sentence) => _silent.Add(sentence);
}
