using VipOperator.Api;
using VipOperator.Planning;
using VipOperator.Vrrp;
using Condition = VipOperator.Api.Condition;

namespace VipOperator.Operator.Mapping;

/// <summary>Between the API's VirtualIPStatus and planning's report, which knows no times.</summary>
internal static class StatusMapper
{
    public static VirtualIPReport Read(VirtualIPStatus status) => new()
    {
        ObservedGeneration = status.ObservedGeneration,
        Conditions =
        [
            .. (status.Conditions ?? [])
                .Where(c => Enum.TryParse(c.Type, out ConditionType _)
                    && Enum.TryParse(c.Status, out ConditionStatus _))
                .Select(c => Shared.Of(new ConditionReport(
                    Enum.Parse<ConditionType>(c.Type),
                    Enum.Parse<ConditionStatus>(c.Status),
                    Enum.TryParse(c.Reason, out ConditionReason reason) ? reason : ConditionReason.Other,
                    c.Message,
                    c.ObservedGeneration)))
                .OrderBy(c => c.Type),
        ],
        VirtualRouterId = status.VirtualRouterId is { } id
            && VirtualRouterId.TryCreate(id, out VirtualRouterId checkedId) ? checkedId : null,
        ActiveNode = Shared.Of(status.ActiveNode),
        ActivePod = Shared.Of(status.ActivePod),
        ReadyMembers = Shared.Of(status.ReadyMembers),
        Members =
        [
            .. (status.Members ?? []).Select(m => new MemberSummary
            {
                Name = m.Name,
                PodName = Shared.Of(m.PodName),
                NodeName = Shared.Of(m.NodeName),
                Priority = Priority.TryCreateAssignable(m.Priority, out Priority priority) ? priority : default,
                State = m.State is { } state ? Enum.Parse<RouterCondition>(state.ToString()) : null,
                Explanation = Shared.Of(m.Explanation),
                Message = Shared.Of(m.Message),
            }),
        ],
    };

    public static ValueList<ConditionTime> TimesOf(VirtualIPStatus? status) =>
        [.. (status?.Conditions ?? []).Select(c => Shared.Of(new ConditionTime(c.Type, c.LastTransitionTime)))];

    /// <summary>
    /// The status as it is applied. A condition keeps its time for as long as its status (True, False, Unknown) stays.
    /// </summary>
    public static VirtualIPStatus Write(VirtualIPReport report, VirtualIPEntry? before, DateTimeOffset now) => new()
    {
        ObservedGeneration = report.ObservedGeneration,
        Conditions =
        [
            .. report.Conditions.Select(c => new Condition
            {
                Type = c.Type.ToString(),
                Status = c.Status.ToString(),
                ObservedGeneration = c.ObservedGeneration,
                LastTransitionTime = TransitionOf(c, before) ?? WholeSeconds(now),
                Reason = c.Reason.ToString(),
                Message = c.Message,
            }),
        ],
        VirtualRouterId = report.VirtualRouterId?.Value,
        ActiveNode = report.ActiveNode,
        ActivePod = report.ActivePod,
        ReadyMembers = report.ReadyMembers,
        Members =
        [
            .. report.Members.Select(m => new VirtualIPMemberSummary
            {
                Name = m.Name,
                PodName = m.PodName,
                NodeName = m.NodeName,
                Priority = m.Priority.Value,
                State = m.State is { } state ? Enum.Parse<ReportedState>(state.ToString()) : null,
                Explanation = m.Explanation,
                Message = m.Message,
            }),
        ],
    };

    private static DateTimeOffset? TransitionOf(ConditionReport condition, VirtualIPEntry? before) =>
        before?.Object.Report.Find(condition.Type)?.Status == condition.Status
            ? before.Times.FirstOrDefault(t => t.Type == condition.Type.ToString())?.LastTransition
            : null;

    // metav1.Time has no fractions.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
