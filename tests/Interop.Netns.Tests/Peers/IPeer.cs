namespace VipOperator.Interop.Netns.Tests.Peers;

/// <summary>Another program that speaks VRRP, on a node of its own.</summary>
internal interface IPeer : IDisposable
{
    /// <summary>Starts it, for the first time or again.</summary>
    Task Start();

    /// <summary>By its own word, where it gives one.</summary>
    bool IsActive();

    /// <summary>As its service is stopped.</summary>
    Task Stop();

    /// <summary>As when its node loses power: killed, and nothing of it left on the node.</summary>
    void Die();
}
