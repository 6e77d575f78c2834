% A naive Krawczyk test with octave-interval: octave-cli krawczyk.m W.txt prints its result (below 1: proved) and seconds.
% The teachers are the standard basis; the formulas are T1 of docs/theorems.md.
pkg load interval

function [unit, norms, c, s, complement] = scalars (X, V)
  rows = [X; V];
  norms = sqrt (sum (rows .^ 2, 2));
  unit = rows ./ norms;
  c = mtimes (unit(1:rows_of (X), :), unit', "valid");
  s = sqrt (1 - c .^ 2);
  complement = infsup ("pi") - acos (c);
endfunction

function k = rows_of (X)
  k = size (X, 1);
endfunction

function g = gradient (X, V)
  k = rows_of (X);
  [unit, norms, c, s, complement] = scalars (X, V);
  g = X * 0;
  for i = 1:k
    others = [1:i-1, i+1:k+rows_of(V)]';
    weights = norms(others) .* [ones(k-1, 1); -ones(rows_of (V), 1)];
    total = sum (weights .* s(i, others)') * unit(i, :) + sum ((weights .* complement(i, others)') .* unit(others, :), 1);
    g(i, :) = X(i, :) / 2 + total / (2 * infsup ("pi"));
  endfor
endfunction

function H = hessian (X, V)
  k = rows_of (X); d = columns (X);
  [unit, norms, c, s, complement] = scalars (X, V);
  H = infsup (zeros (k * d));
  for i = 1:k
    here = (i-1)*d+1 : i*d;
    others = [1:i-1, i+1:k+rows_of(V)]';
    r = unit(others, :) - c(i, others)' .* unit(i, :);
    n = r ./ s(i, others)';
    weights = norms(others) .* [ones(k-1, 1); -ones(rows_of (V), 1)] ./ norms(i);
    alpha = sum (weights .* s(i, others)');
    own = mtimes ((weights .* n)', r, "valid");
    H(here, here) = own + (infsup ("pi") + alpha) .* eye (d) - alpha .* (unit(i, :)' .* unit(i, :));
    for place = 1:k-1
      j = others(place);
      back = unit(i, :) - c(i, j) .* unit(j, :);
      H(here, (j-1)*d+1 : j*d) = complement(i, j) .* eye (d) + s(i, j) .* (unit(i, :)' .* unit(j, :)) + n(place, :)' .* back;
    endfor
  endfor
  H = H / (2 * infsup ("pi"));
endfunction

W = load (argv (){1});
V = infsup (eye (columns (W)));
radius = 1e-10;
tic;
C = inv (mid (hessian (infsup (W), V)));
g = gradient (infsup (W), V)';
step = mtimes (C, g(:), "valid");
M = eye (rows (C)) - mtimes (C, hessian (infsup (W - radius, W + radius), V), "valid");
worst = max (sup (abs (step) / radius + sum (abs (M), 2)));
printf ("%.6g %.6g\n", worst, toc);
exit (0);
