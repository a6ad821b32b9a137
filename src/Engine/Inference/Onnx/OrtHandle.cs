using System.Runtime.InteropServices;

namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>Owns one native object, and frees it once: on disposal, when nobody borrows it any more, or else when it is finalized.</summary>
internal sealed class OrtHandle : SafeHandle
{
    private readonly OrtApi _api;
    private readonly OrtApi.Release _release;
    private readonly OrtHandle? _keptAlive;

    /// <param name="api">Frees it.</param>
    /// <param name="release">How.</param>
    /// <param name="handle">The object.</param>
    /// <param name="keptAlive">What must not be freed before this object, in whatever order both are let go.</param>
    public OrtHandle(OrtApi api, OrtApi.Release release, nint handle, OrtHandle? keptAlive = null) : base(0, ownsHandle: true)
    {
        (_api, _release, _keptAlive) = (api, release, keptAlive);
        var added = false;
        keptAlive?.DangerousAddRef(ref added);
        SetHandle(handle);
        api.CountHandle(1);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Keeps the object alive as long as the lease; throws when it was disposed already.</summary>
    public Lease Borrow() => new(this);

    protected override bool ReleaseHandle()
    {
        _api.Free(_release, handle);
        _api.CountHandle(-1);
        _keptAlive?.DangerousRelease();
        return true;
    }

    internal readonly ref struct Lease
    {
        private readonly OrtHandle _owner;

        public Lease(OrtHandle owner)
        {
            var added = false;
            owner.DangerousAddRef(ref added);
            _owner = owner;
        }

        public nint Value => _owner.handle;

        public void Dispose() => _owner.DangerousRelease();
    }
}
