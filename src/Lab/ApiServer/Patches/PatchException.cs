namespace VipOperator.Lab.ApiServer.Patches;

/// <summary>A patch that cannot be applied to the object it was sent for.</summary>
internal sealed class PatchException(string message) : Exception(message);
