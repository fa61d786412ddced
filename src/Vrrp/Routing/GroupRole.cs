namespace VipOperator.Vrrp;

/// <summary>What a router is in its <see cref="RouterGroup"/>.</summary>
internal enum GroupRole : byte
{
    /// <summary>It has no partners and decides all by itself.</summary>
    Alone = 0,

    /// <summary>The first of several: equal priorities are decided by what it hears.</summary>
    Leader,

    Follower,
}
