namespace VipOperator.Planning;

/// <summary>Finds the pods that a selector matches without looking at all of them for each VirtualIP.</summary>
internal sealed class PodIndex
{
    private readonly Dictionary<string, PodObject> _byUid = [];
    private readonly Dictionary<string, List<PodObject>> _byNamespace = [];
    private readonly Dictionary<(string Namespace, string Key, string Value), List<PodObject>> _byLabel = [];

    public PodIndex(IEnumerable<PodObject> pods)
    {
        foreach (PodObject pod in pods)
        {
            _byUid.TryAdd(pod.Uid, pod);
            Add(_byNamespace, pod.Key.Namespace, pod);
            foreach ((string key, string value) in pod.Labels.Pairs)
                Add(_byLabel, (pod.Key.Namespace, key, value), pod);
        }
    }

    public PodObject? Find(string uid) => _byUid.GetValueOrDefault(uid);

    public IEnumerable<PodObject> Matching(string @namespace, Selector selector)
    {
        SelectorRequirement? exact =
            selector.Requirements.FirstOrDefault(r => r is { Operator: SelectorOperator.In, Values.Count: 1 });
        List<PodObject>? pods = exact is null
            ? _byNamespace.GetValueOrDefault(@namespace)
            : _byLabel.GetValueOrDefault((@namespace, exact.Key, exact.Values[0]));
        return pods?.Where(p => selector.Matches(p.Labels)) ?? [];
    }

    private static void Add<TKey>(Dictionary<TKey, List<PodObject>> index, TKey key, PodObject pod)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out List<PodObject>? pods))
            index[key] = pods = [];
        pods.Add(pod);
    }
}
