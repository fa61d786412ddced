namespace VipOperator.Planning;

/// <summary>
/// The label that says what a pod is: Active for at least one VirtualIP, or Backup for all that it is a member of.
/// Services and people select by it.
/// </summary>
internal sealed class Roles
{
    public const string Label = "vipoperator.io/role";
    public const string Active = "active";
    public const string Backup = "backup";

    private readonly Dictionary<string, string> _ofPod = [];
    private readonly HashSet<string> _undecided = [];

    /// <param name="report">
    /// Of the VirtualIP, as it will be: it knows a move that is under way from two Actives.
    /// </param>
    public void Take(VirtualIPReport report, IEnumerable<Seat> seats)
    {
        bool several = report.Find(ConditionType.Available)?.Reason == ConditionReason.MultipleActive;
        foreach (Seat seat in seats)
        {
            bool active = several ? seat.IsActive : seat.Spec.PodName == report.ActivePod;
            if (active)
                _ofPod[seat.Spec.PodUid] = Active;
            else if (seat.Report is not null)
                _ofPod.TryAdd(seat.Spec.PodUid, Backup);
        }
    }

    /// <summary>Members of a VirtualIP that is being deleted speak on until they are gone themselves.</summary>
    public void Keep(IEnumerable<MemberObject> members) => _undecided.UnionWith(members.Select(m => m.PodUid));

    public IEnumerable<LabelPod> Steps(IEnumerable<PodObject> pods)
    {
        foreach (PodObject pod in pods.OrderBy(p => p.Key).ThenBy(p => p.Uid, StringComparer.Ordinal))
        {
            string? role = _ofPod.GetValueOrDefault(pod.Uid);
            pod.Labels.TryGetValue(Label, out string? labelled);

            // What is not ours to say is not ours to take away.
            bool isOurs = labelled is Active or Backup && !_undecided.Contains(pod.Uid);
            if (role != labelled && (role is not null || isOurs))
                yield return new LabelPod(pod.Key, pod.Uid, role);
        }
    }
}
