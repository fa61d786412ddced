using System.Runtime.CompilerServices;
using VipOperator.Operator.Cluster;
using VipOperator.Planning;

namespace VipOperator.Operator.Tests;

public sealed class ObjectCacheTests
{
    private static readonly ObjectKey Web = new("default", "web");
    private static readonly ObjectKey Other = new("default", "other");

    private readonly ObjectCache<string> _cache;
    private int _changes;

    public ObjectCacheTests() => _cache = new ObjectCache<string>(() => _changes++);

    [Fact]
    public void AnswerToAWrite_IsTakenAheadOfTheWatch_WhichThenBringsNoNews()
    {
        _cache.Upsert(Web, "10", "a");
        _cache.UpsertWritten(Web, "12", "b");
        _cache.Upsert(Web, "11", "late");

        Assert.Equal("b", _cache.Find(Web));
        Assert.True(_cache.Has(Web, "12"));
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void AnswerToAWrite_ThatComesAfterTheWatchToldOfTheDeletion_DoesNotBringTheObjectBack()
    {
        _cache.Upsert(Web, "10", "a");
        _cache.Remove(Web, "12");
        _cache.UpsertWritten(Web, "11", "b");

        Assert.Null(_cache.Find(Web));
    }

    [Fact]
    public void AnswerToAWrite_ThatComesAfterAListWithoutTheObject_DoesNotBringItBack()
    {
        _cache.Upsert(Web, "10", "a");
        _cache.BeginListing();
        _cache.Replace([(Other, "9", "x")], "12");
        _cache.UpsertWritten(Web, "11", "b");

        Assert.Equal(["x"], _cache.Snapshot());
    }

    [Fact]
    public void AnswerToAWrite_ThatIsNewerThanTheListThatWasUnderWay_Stays()
    {
        _cache.BeginListing();
        _cache.UpsertWritten(Web, "13", "b");
        _cache.Replace([(Other, "9", "x")], "12");

        Assert.Equal("b", _cache.Find(Web));
    }

    [Fact]
    public void DeletionThatComesAfterTheAnswerToALaterWrite_LeavesTheLaterObject()
    {
        _cache.Upsert(Web, "10", "a");
        _cache.UpsertWritten(Web, "16", "later");

        _cache.Remove(Web, "15");
        Assert.Equal("later", _cache.Find(Web));

        _cache.Remove(Web, "17");
        Assert.Null(_cache.Find(Web));
    }

    [Fact]
    public void WhatIsWrittenAndGone_LeavesNothingBehind()
    {
        _cache.BeginListing();
        _cache.Replace([], "1");

        WeakReference name = WriteAndRemove();
        GC.Collect();

        Assert.False(name.IsAlive);
    }

    // A method of its own, so that nothing here holds what it made.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference WriteAndRemove()
    {
        string name = new('w', 10);
        _cache.UpsertWritten(new ObjectKey("default", name), "2", "x");
        _cache.Remove(new ObjectKey("default", name), "3");
        return new WeakReference(name);
    }

    [Fact]
    public void AnswerToADeletion_LeavesALaterObjectOfTheNameAlone()
    {
        _cache.Upsert(Web, "10", "later");
        _cache.RemoveDeleted(Web, v => v == "earlier");
        Assert.Equal("later", _cache.Find(Web));

        _cache.RemoveDeleted(Web, v => v == "later");
        Assert.Null(_cache.Find(Web));
    }

    [Fact]
    public void ChangeThatMattersToNobody_IsTakenAndNotTold()
    {
        ObjectCache<string> quiet = new(() => _changes++, v => v == "matters");
        quiet.Upsert(Web, "10", "a");
        quiet.Upsert(Web, "11", "b");
        quiet.Remove(Web, "12");
        Assert.Equal(0, _changes);

        quiet.Upsert(Other, "13", "matters");
        quiet.Remove(Other, "14");
        Assert.Equal(2, _changes);
        Assert.False(quiet.AnyIn("default"));
    }

    [Fact]
    public void VersionThatIsNoNumber_IsTakenAsItComes()
    {
        _cache.Upsert(Web, "a-2", "a");
        _cache.UpsertWritten(Web, "a-1", "b");
        Assert.Equal("b", _cache.Find(Web));

        _cache.Remove(Web, "a-3");
        Assert.Null(_cache.Find(Web));
    }
}
