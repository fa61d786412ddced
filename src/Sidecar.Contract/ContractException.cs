namespace VipOperator.Sidecar.Contract;

/// <summary>The other half sent something that the contract does not allow; the connection cannot go on.</summary>
public sealed class ContractException(string message) : Exception(message);
