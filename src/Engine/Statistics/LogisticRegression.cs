namespace PersonalLlm.Engine.Statistics;

/// <summary>
/// Logistic regression without intercept or penalty on differences: P(the first is preferred) = 1 / (1 + exp(−β·d)), d being the attributes of the
/// preferred minus those of the other. The conditional logit of McFadden (1974) for two alternatives, fitted by Newton's method.
/// </summary>
public static class LogisticRegression
{
    private const int MaximumSteps = 100;
    private const int MaximumHalvings = 30;
    private const double SmallestStep = 1e-10;
    // Relative to its column: below this a pivot is rounding and the column a combination of those before it.
    private const double SmallestPivot = 1e-11;
    private const double Normal975 = 1.959963984540054;

    /// <summary>The maximum-likelihood coefficients with 95 % Wald intervals.</summary>
    /// <param name="differences">[rows × attributes], row-major.</param>
    /// <param name="attributes">How many there are, at least 1.</param>
    /// <returns>[attributes], n = rows; all undefined, with the reason, where no finite and unique coefficients exist.</returns>
    /// <exception cref="ArgumentException">The length is not a multiple of the attributes.</exception>
    public static Estimate[] Fit(ReadOnlySpan<double> differences, int attributes)
    {
        if (differences.Length % attributes != 0)
            throw new ArgumentException($"Expected rows of {attributes} attributes but got {differences.Length} numbers.");
        var rows = differences.Length / attributes;
        var coefficients = new double[attributes];
        var gradient = new double[attributes];
        var step = new double[attributes];
        var information = new double[attributes * attributes];
        var likelihood = Evaluate(differences, coefficients, gradient, information);
        for (var iteration = 0; iteration < MaximumSteps; iteration++)
        {
            if (!TryFactor(information, attributes))
                return Undefined(iteration == 0
                    ? "some attribute is a combination of the others, or never differs, on these prompts"
                    : Separated);
            Solve(information, gradient, step);
            if (step.Max(Math.Abs) < SmallestStep * (1 + coefficients.Max(Math.Abs)))
                return WithIntervals();
            var next = new double[attributes];
            double nextLikelihood;
            var length = 2.0;
            var halvings = 0;
            do
            {
                length /= 2;
                for (var attribute = 0; attribute < attributes; attribute++)
                    next[attribute] = coefficients[attribute] + (length * step[attribute]);
                nextLikelihood = Evaluate(differences, next, gradient, information);
            }
            // The likelihood is concave: a step that lowers it by more than rounding went too far.
            while (nextLikelihood < likelihood - (1e-12 * (1 + Math.Abs(likelihood))) && ++halvings < MaximumHalvings);
            (coefficients, likelihood) = (next, nextLikelihood);
        }
        return Undefined(Separated);

        Estimate[] Undefined(string because) => [.. Enumerable.Repeat(Estimate.Undefined(because, rows), attributes)];

        Estimate[] WithIntervals()
        {
            var estimates = new Estimate[attributes];
            var unit = new double[attributes];
            for (var attribute = 0; attribute < attributes; attribute++)
            {
                Array.Clear(unit);
                unit[attribute] = 1;
                Solve(information, unit, step);
                var margin = Normal975 * Math.Sqrt(step[attribute]);
                estimates[attribute] = Estimate.Of(coefficients[attribute], coefficients[attribute] - margin, coefficients[attribute] + margin, rows);
            }
            return estimates;
        }
    }

    // Under separation the likelihood has no maximum: Newton's steps stop shrinking, until the information vanishes in rounding.
    private const string Separated = "the attributes tell the preferred from the other response without exception, so that no finite coefficients are the most likely (separation)";

    /// <summary>Log-likelihood Σ −ln(1 + exp(−β·d)), its gradient, and the information matrix Σ p (1 − p) d dᵀ.</summary>
    private static double Evaluate(ReadOnlySpan<double> differences, double[] coefficients, double[] gradient, double[] information)
    {
        Array.Clear(gradient);
        Array.Clear(information);
        var attributes = coefficients.Length;
        var likelihood = 0.0;
        for (var start = 0; start < differences.Length; start += attributes)
        {
            var row = differences.Slice(start, attributes);
            var score = 0.0;
            for (var attribute = 0; attribute < attributes; attribute++)
                score += coefficients[attribute] * row[attribute];
            var odds = Math.Exp(-Math.Abs(score));
            likelihood -= Math.Log(1 + odds) + Math.Max(0, -score);
            var missing = score >= 0 ? odds / (1 + odds) : 1 / (1 + odds);
            var weight = missing * (1 - missing);
            for (var one = 0; one < attributes; one++)
            {
                gradient[one] += missing * row[one];
                for (var other = 0; other <= one; other++)
                    information[(one * attributes) + other] += weight * row[one] * row[other];
            }
        }
        return likelihood;
    }

    /// <summary>Cholesky in the lower triangle; false when a pivot is no more than rounding.</summary>
    private static bool TryFactor(double[] matrix, int size)
    {
        for (var column = 0; column < size; column++)
        {
            var diagonal = matrix[(column * size) + column];
            var pivot = diagonal;
            for (var before = 0; before < column; before++)
                pivot -= matrix[(column * size) + before] * matrix[(column * size) + before];
            if (!(pivot > SmallestPivot * diagonal))
                return false;
            var root = Math.Sqrt(pivot);
            matrix[(column * size) + column] = root;
            for (var row = column + 1; row < size; row++)
            {
                var sum = matrix[(row * size) + column];
                for (var before = 0; before < column; before++)
                    sum -= matrix[(row * size) + before] * matrix[(column * size) + before];
                matrix[(row * size) + column] = sum / root;
            }
        }
        return true;
    }

    /// <summary>Solves L Lᵀ x = b.</summary>
    private static void Solve(double[] lower, double[] right, double[] solution)
    {
        var size = right.Length;
        for (var row = 0; row < size; row++)
        {
            var sum = right[row];
            for (var before = 0; before < row; before++)
                sum -= lower[(row * size) + before] * solution[before];
            solution[row] = sum / lower[(row * size) + row];
        }
        for (var row = size - 1; row >= 0; row--)
        {
            var sum = solution[row];
            for (var after = row + 1; after < size; after++)
                sum -= lower[(after * size) + row] * solution[after];
            solution[row] = sum / lower[(row * size) + row];
        }
    }
}
