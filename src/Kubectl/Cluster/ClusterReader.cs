using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using VipOperator.Api;

namespace VipOperator.Kubectl.Cluster;

/// <summary>Reads VirtualIPs and members, once or as they change.</summary>
internal sealed class ClusterReader(KubectlRunner kubectl, Scope scope)
{
    /// <summary>Before a watch that ended is begun again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Between two looks for what was deleted without a word: kubectl gets, then watches, and tells nothing of what
    /// goes in between. That is where a watch begins, so the looks become rarer.
    /// </summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2), RarestLook = TimeSpan.FromMinutes(1);

    /// <exception cref="KubectlException">kubectl failed.</exception>
    public async Task<ClusterSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<VirtualIP>> virtualIPs = VirtualIPsAsync(cancellationToken);
        Task<IReadOnlyList<VirtualIPMember>> members = MembersAsync(cancellationToken);
        // The VirtualIPs' failure first: one message is enough where both lists are refused.
        return new ClusterSnapshot(await virtualIPs, await members);
    }

    /// <summary>
    /// What there is, and again after each change. Goes on when the API server goes away and comes back.
    /// </summary>
    /// <param name="troubled">Called with kubectl's words when it does go away.</param>
    /// <exception cref="KubectlException">kubectl failed at the first attempt.</exception>
    public async IAsyncEnumerable<ClusterSnapshot> WatchAsync(
        Action<string> troubled, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ClusterSnapshot first = await ReadAsync(cancellationToken);
        yield return first;

        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<(string? Trouble, Action? Change)> changes = Channel.CreateUnbounded<(string?, Action?)>();
        Watched<VirtualIP> virtualIPs = new(
            first.VirtualIPs, v => v.Metadata, scope.VirtualIPs,
            ApiJsonContext.Default.VirtualIP, VirtualIPsOrNoneAsync);
        Watched<VirtualIPMember> members = new(
            first.Members, m => m.Metadata, scope.Members, ApiJsonContext.Default.VirtualIPMember, MembersAsync);
        Task watching = Task.WhenAll(
            FollowAsync(virtualIPs, changes, ending.Token),
            FollowAsync(members, changes, ending.Token),
            LookForDeletedAsync(virtualIPs, changes, ending.Token),
            LookForDeletedAsync(members, changes, ending.Token));
        try
        {
            while (await changes.Reader.WaitToReadAsync(cancellationToken))
            {
                bool changed = false;
                while (changes.Reader.TryRead(out (string? Trouble, Action? Change) told))
                {
                    told.Change?.Invoke();
                    changed |= told.Change is not null;
                    if (told.Trouble is not null)
                        troubled(told.Trouble);
                }

                if (changed)
                    yield return new ClusterSnapshot(virtualIPs.Objects, members.Objects);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync<T>(
        Watched<T> watched, Channel<(string?, Action?)> changes, CancellationToken cancellationToken)
    {
        bool again = false;
        while (true)
        {
            try
            {
                // What was deleted meanwhile, a new watch does not tell.
                if (again)
                    await LookAsync(watched, changes, cancellationToken);
                await foreach (WatchEvent told in kubectl.WatchAsync(watched.Arguments, cancellationToken))
                {
                    if (told.Type is not (WatchEvent.Error or WatchEvent.Bookmark))
                        await changes.Writer.WriteAsync((null, () => watched.Take(told)), cancellationToken);
                }
            }
            catch (KubectlException e) when (e.IsNotFound)
            {
                // The one that was asked for was deleted; it may be made again.
            }
            catch (Exception e) when (e is KubectlException or JsonException)
            {
                // kubectl was cut off in the middle of a document, or failed; both when the API server goes away.
                cancellationToken.ThrowIfCancellationRequested();
                await changes.Writer.WriteAsync((e.Message, null), cancellationToken);
            }

            again = true;
            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static async Task LookForDeletedAsync<T>(
        Watched<T> watched, Channel<(string?, Action?)> changes, CancellationToken cancellationToken)
    {
        for (TimeSpan wait = FirstLook; ; wait = wait < RarestLook / 2 ? wait * 2 : RarestLook)
        {
            await Task.Delay(wait, cancellationToken);
            try
            {
                await LookAsync(watched, changes, cancellationToken);
            }
            catch (Exception e) when (e is KubectlException or JsonException)
            {
                // The watch has the same trouble, and tells.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task LookAsync<T>(
        Watched<T> watched, Channel<(string?, Action?)> changes, CancellationToken cancellationToken)
    {
        long asked = Stopwatch.GetTimestamp();
        IReadOnlyList<T> all = await watched.List(cancellationToken);
        await changes.Writer.WriteAsync((null, () => watched.Forget(all, asked)), cancellationToken);
    }

    private async Task<IReadOnlyList<VirtualIP>> VirtualIPsAsync(CancellationToken cancellationToken) =>
        scope.Name is null
        ? (await kubectl.GetAsync(scope.VirtualIPs, ApiJsonContext.Default.VirtualIPList, cancellationToken)).Items
        : [await kubectl.GetAsync(scope.VirtualIPs, ApiJsonContext.Default.VirtualIP, cancellationToken)];

    private async Task<IReadOnlyList<VirtualIP>> VirtualIPsOrNoneAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await VirtualIPsAsync(cancellationToken);
        }
        catch (KubectlException e) when (e.IsNotFound)
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<VirtualIPMember>> MembersAsync(CancellationToken cancellationToken) =>
    [
        .. (await kubectl.GetAsync(scope.Members, ApiJsonContext.Default.VirtualIPMemberList, cancellationToken)).Items
            .Where(m => scope.Name is null || m.Spec.VirtualIPName == scope.Name),
    ];

    /// <summary>The objects of one kind, by namespace and name.</summary>
    private sealed class Watched<T>(
        IReadOnlyList<T> first,
        Func<T, ObjectMetadata> metadata,
        IReadOnlyList<string> arguments,
        JsonTypeInfo<T> type,
        Func<CancellationToken, Task<IReadOnlyList<T>>> list)
    {
        /// <summary>Each with when it was heard of first, by <see cref="Stopwatch"/>.</summary>
        private readonly Dictionary<(string?, string?), (T Object, long Since)> _objects =
            first.ToDictionary(o => KeyOf(metadata(o)), o => (o, Stopwatch.GetTimestamp()));

        public IReadOnlyList<string> Arguments => arguments;

        public Func<CancellationToken, Task<IReadOnlyList<T>>> List => list;

        public IReadOnlyList<T> Objects => [.. _objects.OrderBy(o => o.Key.Item1, StringComparer.Ordinal)
            .ThenBy(o => o.Key.Item2, StringComparer.Ordinal).Select(o => o.Value.Object)];

        /// <summary>Whatever was there when it was asked, and is not in the answer, is gone; the watch may be ahead in
        /// all else.</summary>
        /// <param name="asked">When <paramref name="all"/> was asked for.</param>
        public void Forget(IReadOnlyList<T> all, long asked)
        {
            // The uid: one of the same name that was made since is another.
            HashSet<string?> present = [.. all.Select(o => metadata(o).Uid)];
            foreach (((string?, string?) key, (T known, long since)) in _objects)
            {
                // Removing is allowed in a walk.
                if (since < asked && !present.Contains(metadata(known).Uid))
                    _objects.Remove(key);
            }
        }

        public void Take(WatchEvent told)
        {
            T changed = told.Object.Deserialize(type)!;
            (string?, string?) key = KeyOf(metadata(changed));
            if (told.Type == WatchEvent.Deleted)
                _objects.Remove(key);
            else if (_objects.TryGetValue(key, out (T Object, long Since) known)
                && metadata(known.Object).Uid == metadata(changed).Uid)
                _objects[key] = (changed, known.Since);
            else
                _objects[key] = (changed, Stopwatch.GetTimestamp());
        }

        private static (string?, string?) KeyOf(ObjectMetadata metadata) => (metadata.Namespace, metadata.Name);
    }
}
