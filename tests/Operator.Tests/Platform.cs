using System.Runtime.Versioning;

// The API servers that these tests run against are for Linux.
[assembly: SupportedOSPlatform("linux")]

// These tests wait for most of their time: for back-offs, for leases, for an API server that is made slow.
[assembly: CollectionBehavior(MaxParallelThreads = 6)]
