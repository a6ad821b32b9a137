using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>A point of a map in the plane.</summary>
public readonly record struct MapPoint(double X, double Y);

/// <summary>
/// Where simulated users lie among the reward models, in the plane. Three reward models: the simplex itself, a triangle, with nothing lost. Two: the line between them.
/// More: the two principal components of the users' weights, exact, all of them counted.
/// </summary>
/// <param name="Users">[users drawn], the first of the population: users of a population are exchangeable.</param>
/// <param name="Corners">[reward models]: where a user of one reward model alone would lie.</param>
/// <param name="Explained">Share of the users' variance along each axis; null where the map is the simplex itself.</param>
/// <param name="IsExact">The map is the simplex itself.</param>
public sealed record WeightsMap(IReadOnlyList<MapPoint> Users, IReadOnlyList<MapPoint> Corners, (double X, double Y)? Explained, bool IsExact)
{
    private static readonly double s_height = Math.Sqrt(3) / 2;

    private static readonly MapPoint[] s_triangle = [new(0, 0), new(1, 0), new(0.5, s_height)];

    /// <summary>The map of a population.</summary>
    /// <param name="users">At least one user.</param>
    /// <param name="most">How many users are placed on the map; all of them make it.</param>
    public static WeightsMap Of(SimulatedUsers users, int most = int.MaxValue)
    {
        var models = users.RewardModelCount;
        var placed = Math.Min(users.Count, most);
        if (models <= 3)
            return new WeightsMap(
                [.. Enumerable.Range(0, placed).Select(userIndex => Within(users.WeightsOf(userIndex)))], s_triangle[..models], null, true);
        var (mean, covariance) = Moments(users);
        var (values, vectors) = SymmetricEigen.Of(covariance, models);
        var total = values.Sum(value => Math.Max(value, 0));
        return new WeightsMap(
            [.. Enumerable.Range(0, placed).Select(userIndex => Project(users.WeightsOf(userIndex)))],
            [.. Enumerable.Range(0, models).Select(modelIndex =>
            {
                var corner = new double[models];
                corner[modelIndex] = 1;
                return Project(corner);
            })],
            total > 0 ? (Math.Max(values[0], 0) / total, Math.Max(values[1], 0) / total) : (0, 0),
            false);

        MapPoint Project(ReadOnlySpan<double> weights)
        {
            double x = 0, y = 0;
            for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
            {
                x += (weights[modelIndex] - mean[modelIndex]) * vectors[0][modelIndex];
                y += (weights[modelIndex] - mean[modelIndex]) * vectors[1][modelIndex];
            }
            return new MapPoint(x, y);
        }
    }

    private static MapPoint Within(ReadOnlySpan<double> weights)
    {
        double x = 0, y = 0;
        for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
        {
            x += weights[modelIndex] * s_triangle[modelIndex].X;
            y += weights[modelIndex] * s_triangle[modelIndex].Y;
        }
        return new MapPoint(x, y);
    }

    /// <summary>Mean weights [reward models] and their covariance [reward models × reward models], dividing by the number of users.</summary>
    private static (double[] Mean, double[] Covariance) Moments(SimulatedUsers users)
    {
        var models = users.RewardModelCount;
        var mean = new double[models];
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
            for (var modelIndex = 0; modelIndex < models; modelIndex++)
                mean[modelIndex] += users.WeightsOf(userIndex)[modelIndex] / users.Count;
        var covariance = new double[models * models];
        var centred = new double[models];
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
        {
            for (var modelIndex = 0; modelIndex < models; modelIndex++)
                centred[modelIndex] = users.WeightsOf(userIndex)[modelIndex] - mean[modelIndex];
            for (var row = 0; row < models; row++)
                for (var column = 0; column < models; column++)
                    covariance[(row * models) + column] += centred[row] * centred[column] / users.Count;
        }
        return (mean, covariance);
    }
}
