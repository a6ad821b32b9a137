using System.Numerics;

namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>All prefixes of a vocabulary: a hash table from (node, UTF-16 unit) to the next node.</summary>
internal sealed class PieceTrie
{
    public const int Root = 0;

    private readonly List<int> ids = [-1];
    private ulong[] keys = new ulong[1 << 10];
    private int[] nodes = new int[1 << 10];

    /// <summary>The id of the token that ends at a node; −1 where none does.</summary>
    public int IdAt(int node) => ids[node];

    /// <summary>Adds a token; of one that stands twice, the later id counts.</summary>
    public void Add(string token, int id)
    {
        var node = Root;
        foreach (var unit in token)
            node = Step(node, unit) is >= 0 and var next ? next : Grow(node, unit);
        ids[node] = id;
    }

    /// <summary>The node one unit further; −1 when no token goes on like this.</summary>
    public int Step(int node, char unit)
    {
        var key = KeyOf(node, unit);
        var place = PlaceOf(key);
        return keys[place] == key ? nodes[place] : -1;
    }

    private int Grow(int node, char unit)
    {
        if (ids.Count * 2 > keys.Length)
            Rehash();
        var key = KeyOf(node, unit);
        var place = PlaceOf(key);
        keys[place] = key;
        nodes[place] = ids.Count;
        ids.Add(-1);
        return ids.Count - 1;
    }

    private void Rehash()
    {
        var (oldKeys, oldNodes) = (keys, nodes);
        keys = new ulong[oldKeys.Length * 2];
        nodes = new int[keys.Length];
        for (var old = 0; old < oldKeys.Length; old++)
        {
            if (oldKeys[old] == 0)
                continue;
            var place = PlaceOf(oldKeys[old]);
            (keys[place], nodes[place]) = (oldKeys[old], oldNodes[old]);
        }
    }

    // One more than the node, so that no key is 0, the mark of an empty place.
    private static ulong KeyOf(int node, char unit) => (ulong)(node + 1) << 16 | unit;

    private int PlaceOf(ulong key)
    {
        var place = (int)(key * 0x9E3779B97F4A7C15 >> 64 - BitOperations.Log2((uint)keys.Length));
        while (keys[place] != key && keys[place] != 0)
            place = place + 1 & keys.Length - 1;
        return place;
    }
}
