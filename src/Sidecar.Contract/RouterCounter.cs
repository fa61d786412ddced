namespace VipOperator.Sidecar.Contract;

/// <summary>
/// What is counted per router, since the sidecar started; the index into <see cref="RouterReport.Counters"/>. Only
/// append.
/// </summary>
public enum RouterCounter : byte
{
    AdvertisementsReceived,
    AdvertisementsSent,
    BecomeActive,
    ReleaseActive,
    PriorityZeroReceived,
    PriorityZeroSent,

    /// <summary>Gratuitous ARP frames and unsolicited Neighbor Advertisements.</summary>
    AnnouncementsSent,

    /// <summary>Addresses that somebody else removed and we bound again.</summary>
    AddressesRestored,

    /// <summary>Times that the loop came so late that the router stepped down.</summary>
    Stalls,

    SendErrors,
    BindErrors,

    /// <summary>Advertisements of a lower priority heard while Active: two Actives.</summary>
    LowerPriorityHeardWhileActive,

    /// <summary>Advertisements whose addresses differ from ours: taken all the same (RFC 9568 §7.1).</summary>
    AddressListMismatches,

    /// <summary>ARP frames and Neighbor Advertisements by which another host claimed an address that we held.</summary>
    AddressConflicts,

    /// <summary>Times that the loop came later than an advertisement interval.</summary>
    LateWakeUps,
}
