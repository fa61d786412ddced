namespace VipOperator.Vrrp.Tests;

/// <summary>What holds after every step, whatever happened.</summary>
internal static class RouterInvariants
{
    public static void Hold(in RouterState state, MonotonicTime now)
    {
        bool isActive = state.Kind == RouterStateKind.Active;
        bool isBackup = state.Kind == RouterStateKind.Backup;
        Assert.True((isActive && !state.IsTaken) != state.AdvertisementDeadline.IsNever);
        Assert.True(isActive || !state.IsHandingOver);
        Assert.True(state.IsHandingOver || !state.IsTaken);
        Assert.True(isActive != state.LeaseEnd.IsNever);
        Assert.True(isBackup != state.ActiveDownDeadline.IsNever);
        Assert.True(isActive
            || (state.RenewDeadline.IsNever && state.AnnounceDeadline.IsNever && state.AnnouncementsLeft == 0));
        Assert.True(isBackup || (state.PreemptDeadline.IsNever && !state.ActiveResigned));
        bool waitsForRetry = state is { Kind: RouterStateKind.Fault, Reason: TransitionReason.EffectFailed };
        Assert.True(state.RetryDeadline.IsNever ? !waitsForRetry : state.Kind == RouterStateKind.Fault);
        Assert.True(!isActive || state.ReleaseDeadline.IsNever);
        Assert.True(!isActive || state.LeaseEnd > now);
        Assert.True(!isActive
            || (state.LinkIsUp && !state.PrimaryAddress.IsNone), "nobody advertises from a link without address");
        Assert.True(state.Kind == RouterStateKind.Initialize || (state.Started && state.EffectivePriority.Value > 0));
        Assert.True(state.Since <= now);
    }
}
