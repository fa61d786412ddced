using VipOperator.Api;

namespace VipOperator.Kubectl.Showing;

/// <summary>
/// What to type next, for conditions whose message says what is wrong; the commands are of the cluster at hand.
/// </summary>
internal static class Advice
{
    public static string? For(VirtualIP virtualIP, Condition condition)
    {
        string of = $"-n {virtualIP.Metadata.Namespace}";
        return condition.Reason switch
        {
            ConditionReasons.NoEligiblePods => $"kubectl get pods {of}{Selector(virtualIP.Spec.Selector)} -o wide",
            ConditionReasons.InvalidSpec or ConditionReasons.AddressConflict or ConditionReasons.VirtualRouterIdConflict
                when condition.Type == ConditionTypes.Accepted =>
                    $"kubectl edit virtualip {of} {virtualIP.Metadata.Name}",
            ConditionReasons.VirtualRouterIdsExhausted => "kubectl get virtualips -A",
            ConditionReasons.WaitingForSidecars when Silent(virtualIP) is { } pod =>
                $"kubectl logs {of} {pod} -c {WellKnown.SidecarContainerName}",
            ConditionReasons.NoActive when Silent(virtualIP) is { } pod =>
                $"kubectl logs {of} {pod} -c {WellKnown.SidecarContainerName}",
            ConditionReasons.ActiveNodeUnavailable => $"kubectl vip move {of} {virtualIP.Metadata.Name} --clear",
            ConditionReasons.MultipleActive or ConditionReasons.TwoActives or ConditionReasons.HeldElsewhere
            or ConditionReasons.AdvertisementsLost
                or ConditionReasons.ForeignSpeaker or ConditionReasons.OtherAddresses
                or ConditionReasons.OtherInterval =>
                $"kubectl vip capture {of} {virtualIP.Metadata.Name}",
            _ => null,
        };
    }

    // The pod of a member that does not do its part.
    private static string? Silent(VirtualIP virtualIP) => virtualIP.Status?.Members?
        .FirstOrDefault(m => m.State is null or ReportedState.Unknown or ReportedState.Fault
            or ReportedState.Initialize)?.PodName;

    private static string Selector(LabelSelector selector) => selector.MatchLabels is { Count: > 0 } labels
        ? " -l " + string.Join(',', labels.Select(l => $"{l.Key}={l.Value}"))
        : "";
}
