(** Functions that are strongly convex on a box, known only along lines.

    [twice_differentiable n inside F G H]: along every line, at every point inside, G is the derivative of F and H that
    of G.  [convexity] bounds the Hessian form from below by [m] and from above by [M] on the box.  Then
    - [growth]: F y >= F x + G x . (y - x) + m/2 |y - x|^2 for x, y in the box;
    - [minimum_exists]: if |G centre| <= m rho and rho <= r, a point within rho of the centre is stationary.
    [definite] gets m and M from an approximate Cholesky factor. *)

From Coq Require Import Reals Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Certify Require Import Sums Contraction.
Open Scope R_scope.

Definition line (x z : nat -> R) (t : R) : nat -> R := fun i => x i + t * z i.

Definition twice_differentiable (n : nat) (inside : (nat -> R) -> Prop)
    (F : (nat -> R) -> R) (G : (nat -> R) -> nat -> R) (H : (nat -> R) -> nat -> nat -> R) : Prop :=
  forall x z t, inside (line x z t) ->
    is_derive (fun t => F (line x z t)) t (sum n (fun i => G (line x z t) i * z i)) /\
    forall i, (i < n)%nat ->
      is_derive (fun t => G (line x z t) i) t (sum n (fun j => H (line x z t) i j * z j)).

Definition box (n : nat) (c : nat -> R) (r : R) (x : nat -> R) : Prop := forall i, (i < n)%nat -> Rabs (x i - c i) <= r.

(** * One variable *)

Lemma derive_to (f : R -> R) (t a b : R) : is_derive f t a -> a = b -> is_derive f t b.
Proof. intros D E. rewrite <- E. exact D. Qed.

Lemma derive_plus (f g : R -> R) (t a b : R) : is_derive f t a -> is_derive g t b -> is_derive (fun t => f t + g t) t (a + b).
Proof. intros A B. exact (is_derive_plus f g t a b A B). Qed.

Lemma derive_minus (f g : R -> R) (t a b : R) : is_derive f t a -> is_derive g t b -> is_derive (fun t => f t - g t) t (a - b).
Proof. intros A B. exact (is_derive_minus f g t a b A B). Qed.

Lemma derive_const (c t : R) : is_derive (fun _ : R => c) t 0.
Proof. exact (is_derive_const c t). Qed.

Lemma derive_scale (f : R -> R) (t c a : R) : is_derive f t a -> is_derive (fun t => c * f t) t (c * a).
Proof. intros A. exact (is_derive_scal f t c a A). Qed.

Lemma derive_mult (f g : R -> R) (t a b : R) : is_derive f t a -> is_derive g t b -> is_derive (fun t => f t * g t) t (a * g t + f t * b).
Proof. intros A B. exact (is_derive_mult f g t a b A B Rmult_comm). Qed.

Lemma derive_compose (f g : R -> R) (t a b : R) : is_derive f (g t) a -> is_derive g t b -> is_derive (fun t => f (g t)) t (b * a).
Proof. intros A B. exact (is_derive_comp f g t a b A B). Qed.

Lemma derive_ext (f g : R -> R) (t a : R) : (forall u, f u = g u) -> is_derive f t a -> is_derive g t a.
Proof. intros E D. exact (is_derive_ext f g t a E D). Qed.

Lemma derive_sum n (f : nat -> R -> R) (a : nat -> R) (t : R) :
  (forall i, (i < n)%nat -> is_derive (f i) t (a i)) -> is_derive (fun t => sum n (fun i => f i t)) t (sum n a).
Proof.
  induction n; intros D; simpl; [apply derive_const|].
  apply derive_plus; [apply IHn; intros; apply D|apply D]; lia.
Qed.

Lemma derive_line x z i (t : R) : is_derive (fun t => line x z t i) t (z i).
Proof. unfold line. auto_derive; [exact I|ring]. Qed.

Lemma derive_square (c t : R) : is_derive (fun t => c * (t * t)) t (2 * c * t).
Proof. auto_derive; [exact I|ring]. Qed.

Lemma derive_linear (c t : R) : is_derive (fun t => c * t) t c.
Proof. auto_derive; [exact I|ring]. Qed.

Lemma mean_value (f df : R -> R) (a b : R) : a < b -> (forall t, a <= t <= b -> is_derive f t (df t)) ->
  exists t, a < t < b /\ f b - f a = df t * (b - a).
Proof.
  intros ab D. destruct (MVT_cor2 f df a b ab) as [t [E I]]; [|exists t; auto].
  intros t Ht. apply is_derive_Reals, D, Ht.
Qed.

(** If the derivative of the slope is nonnegative, the graph lies above its tangent at 0. *)
Lemma above_tangent (f df ddf : R -> R) :
  (forall t, 0 <= t <= 1 -> is_derive f t (df t)) -> (forall t, 0 <= t <= 1 -> is_derive df t (ddf t)) ->
  (forall t, 0 <= t <= 1 -> 0 <= ddf t) -> f 0 + df 0 <= f 1.
Proof.
  intros D1 D2 P. destruct (mean_value f df 0 1) as [t [I E]]; [lra|exact D1|].
  destruct (mean_value df ddf 0 t) as [s [J E']]; [lra|intros; apply D2; lra|].
  assert (0 <= ddf s * (t - 0)) by (apply Rmult_le_pos; [apply P|]; lra). lra.
Qed.

(** * Segments *)

Definition segment (x y : nat -> R) : R -> nat -> R := line x (fun i => y i - x i).

Lemma segment_0 x y : segment x y 0 = x.
Proof. apply functional_extensionality; intros; unfold segment, line; ring. Qed.

Lemma segment_1 x y : segment x y 1 = y.
Proof. apply functional_extensionality; intros; unfold segment, line; ring. Qed.

Lemma line_0 x z : line x z 0 = x.
Proof. apply functional_extensionality; intros; unfold line; ring. Qed.

Lemma segment_in_box n c r x y t : box n c r x -> box n c r y -> 0 <= t <= 1 -> box n c r (segment x y t).
Proof.
  intros Hx Hy Ht i Hi. unfold segment, line.
  replace (x i + t * (y i - x i) - c i) with ((1 - t) * (x i - c i) + t * (y i - c i)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_pos_eq t), (Rabs_pos_eq (1 - t)) by lra.
  specialize (Hx i Hi). specialize (Hy i Hi). nra.
Qed.

Lemma ball_in_box n c r rho x : distance n x c <= rho -> rho <= r -> box n c r x.
Proof. intros D L i Hi. assert (C := coordinate_le n x c i Hi). lra. Qed.

Section Convexity.
Variables (n : nat) (c : nat -> R) (r m M : R).
Variables (F : (nat -> R) -> R) (G : (nat -> R) -> nat -> R) (H : (nat -> R) -> nat -> nat -> R).
Notation B := (box n c r).
Hypothesis smooth : twice_differentiable n B F G H.
Hypothesis symmetric : forall x i j, H x i j = H x j i.
Hypothesis m_pos : 0 < m.
Hypothesis convexity : forall x z, B x -> m * sqnorm n z <= form n (H x) z z <= M * sqnorm n z.

Lemma slope_along u v (t : R) (w : nat -> R) : B (line u v t) ->
  is_derive (fun t => sum n (fun i => w i * G (line u v t) i)) t (form n (H (line u v t)) w v).
Proof. intros I. apply derive_sum. intros i Hi. apply derive_scale. exact (proj2 (smooth u v t I) i Hi). Qed.

Theorem growth x y : B x -> B y ->
  F x + sum n (fun i => G x i * (y i - x i)) + m / 2 * sqnorm n (fun i => y i - x i) <= F y.
Proof.
  intros Hx Hy. set (z := fun i => y i - x i). set (S := sqnorm n z).
  assert (I : forall t, 0 <= t <= 1 -> B (line x z t)) by (intros; apply (segment_in_box n c r x y); auto).
  assert (P : (F (line x z 0) - m / 2 * S * (0 * 0)) + (sum n (fun i => z i * G (line x z 0) i) - m * S * 0)
              <= F (line x z 1) - m / 2 * S * (1 * 1)).
  { apply (above_tangent (fun t => F (line x z t) - m / 2 * S * (t * t))
      (fun t => sum n (fun i => z i * G (line x z t) i) - m * S * t) (fun t => form n (H (line x z t)) z z - m * S)).
    - intros t Ht. specialize (I t Ht). apply derive_minus.
      + eapply derive_to; [exact (proj1 (smooth x z t I))|]. apply sum_ext; intros; ring.
      + eapply derive_to; [apply derive_square|field].
    - intros t Ht. specialize (I t Ht). apply derive_minus.
      + apply slope_along. exact I.
      + apply derive_linear.
    - intros t Ht. specialize (I t Ht). assert (C := proj1 (convexity _ z I)). unfold S. lra. }
  replace (line x z 0) with x in P by (symmetry; apply segment_0).
  replace (line x z 1) with y in P by (symmetry; apply segment_1).
  change (F x + sum n (fun i => G x i * z i) + m / 2 * S <= F y).
  rewrite (sum_ext n (fun i => G x i * z i) (fun i => z i * G x i)) by (intros; ring). lra.
Qed.

(** I - H/M has spectrum in [0, 1 - m/M], so a step of gradient descent with step 1/M contracts. *)
Definition step (x : nat -> R) (i : nat) : R := x i - / M * G x i.

Hypothesis M_pos : 0 < M.
Hypothesis m_le_M : m <= M.

Lemma step_contracts x y : B x -> B y -> distance n (step y) (step x) <= (1 - m / M) * distance n y x.
Proof.
  intros Hx Hy. set (z := fun i => y i - x i). set (w := fun i => step y i - step x i).
  assert (q0 : 0 <= 1 - m / M).
  { assert (m / M <= 1); [|lra]. apply Rmult_le_reg_r with M; auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  set (A := fun t i j => delta i j - / M * H (line x z t) i j).
  assert (I : forall t, 0 <= t <= 1 -> B (line x z t)) by (intros; apply (segment_in_box n c r x y); auto).
  assert (D : forall t, 0 <= t <= 1 -> is_derive (fun t => sum n (fun i => w i * step (line x z t) i)) t (form n (A t) w z)).
  { intros t Ht. apply derive_sum. intros i Hi. apply derive_scale. unfold step. eapply derive_to.
    - apply derive_minus; [apply derive_line|]. apply derive_scale. exact (proj2 (smooth x z t (I t Ht)) i Hi).
    - unfold A. rewrite (sum_ext n (fun j => (_ - _ * _) * z j) (fun j => delta i j * z j - / M * (H (line x z t) i j * z j))) by (intros; ring).
      rewrite sum_minus, sum_delta, sum_scale by auto. reflexivity. }
  destruct (mean_value _ _ 0 1 ltac:(lra) D) as [t [Ht E]]. cbv beta in E.
  replace (line x z 0) with x in E by (symmetry; apply segment_0).
  replace (line x z 1) with y in E by (symmetry; apply segment_1).
  specialize (I t ltac:(lra)).
  assert (W : sqnorm n w = form n (A t) w z).
  { transitivity (sum n (fun i => w i * step y i) - sum n (fun i => w i * step x i)); [|lra].
    rewrite <- sum_minus. apply sum_ext; intros. unfold w. ring. }
  assert (form_A : forall u, form n (A t) u u = sqnorm n u - / M * form n (H (line x z t)) u u).
  { intros u. unfold form, A, sqnorm. rewrite <- sum_scale, <- sum_minus. apply sum_ext; intros i Hi.
    rewrite (sum_ext n (fun j => (_ - _ * _) * u j) (fun j => delta i j * u j - / M * (H (line x z t) i j * u j))) by (intros; ring).
    rewrite sum_minus, sum_delta, sum_scale by auto. ring. }
  assert (range : forall u, 0 <= form n (A t) u u <= (1 - m / M) * sqnorm n u).
  { intros u. rewrite form_A. destruct (convexity _ u I) as [lo hi]. assert (iM := Rinv_0_lt_compat M M_pos).
    apply (Rmult_le_compat_l (/ M)) in lo; [|lra]. apply (Rmult_le_compat_l (/ M)) in hi; [|lra].
    rewrite <- Rmult_assoc, Rinv_l in hi by lra. unfold Rdiv. lra. }
  assert (CS := form_cauchy_schwarz n (A t) w z).
  assert (CS' : sqnorm n w * sqnorm n w <= form n (A t) w w * form n (A t) z z).
  { rewrite W at 1 2. apply CS; [|intros; apply range].
    intros i j. unfold A, delta. rewrite symmetric, Nat.eqb_sym. reflexivity. }
  set (q := 1 - m / M) in *. assert (Sw := sqnorm_nonneg n w). assert (Sz := sqnorm_nonneg n z).
  unfold distance. fold w. fold z. apply norm_le_of_sq; [apply Rmult_le_pos; auto using norm_nonneg|].
  replace (q * norm n z * (q * norm n z)) with (q * q * (norm n z * norm n z)) by ring. rewrite norm_squared.
  destruct (range w) as [w0 w1]. destruct (range z) as [z0 z1].
  destruct (Req_dec (sqnorm n w) 0) as [->|Nw]; [apply Rmult_le_pos; [apply Rmult_le_pos|]; auto|].
  apply Rmult_le_reg_l with (sqnorm n w); [lra|].
  eapply Rle_trans; [exact CS'|]. replace (sqnorm n w * (q * q * sqnorm n z)) with (q * sqnorm n w * (q * sqnorm n z)) by ring.
  apply Rmult_le_compat; auto.
Qed.

Theorem minimum_exists rho : 0 <= rho <= r -> norm n (G c) <= m * rho ->
  exists x, distance n x c <= rho /\ forall i, (i < n)%nat -> G x i = 0.
Proof.
  intros Hr Hg.
  assert (mM : 0 < m / M) by (apply Rdiv_lt_0_compat; auto).
  assert (mM1 : m / M <= 1) by (apply Rmult_le_reg_r with M; auto; unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra).
  destruct (fixed_point n c rho (1 - m / M) step) as [x [Hx E]].
  - tauto.
  - lra.
  - unfold distance, step. replace (1 - (1 - m / M)) with (/ M * m) by (field; lra).
    assert (iM := Rinv_0_lt_compat M M_pos). apply norm_le_of_sq.
    { apply Rmult_le_pos; [apply Rmult_le_pos; lra|tauto]. }
    rewrite (sqnorm_ext n _ (fun i => - / M * G c i)) by (intros; ring). unfold sqnorm.
    rewrite (sum_ext n _ (fun i => / M * / M * (G c i * G c i))) by (intros; ring). rewrite sum_scale.
    change (sum n (fun i => G c i * G c i)) with (sqnorm n (G c)). rewrite <- norm_squared.
    replace (/ M * m * rho * (/ M * m * rho)) with (/ M * / M * (m * rho * (m * rho))) by ring.
    apply Rmult_le_compat_l; [nra|]. apply Rmult_le_compat; auto using norm_nonneg.
  - intros x y Hx Hy. apply step_contracts; apply (ball_in_box n c r rho); tauto.
  - exists x. split; [exact Hx|]. intros i Hi. specialize (E i Hi). unfold step in E.
    apply Rmult_eq_reg_l with (/ M); [lra|]. apply Rinv_neq_0_compat. lra.
Qed.
End Convexity.

(** * Definiteness from an approximate factor

    A = L L^T + s I + E with the Frobenius norm of E at most e < s: then A is at least s - e. *)
Section Definite.
Variables (n : nat) (L : nat -> nat -> R) (s e : R).
Hypothesis e_nonneg : 0 <= e.

Definition residual (A : nat -> nat -> R) i j := A i j - s * delta i j - sum n (fun l => L i l * L j l).

Lemma form_factor A z :
  form n A z z = sqnorm n (fun l => sum n (fun i => L i l * z i)) + s * sqnorm n z + form n (residual A) z z.
Proof.
  assert (E : sqnorm n (fun l => sum n (fun i => L i l * z i)) = form n (fun i j => sum n (fun l => L i l * L j l)) z z).
  { unfold sqnorm, form. transitivity (sum n (fun l => sum n (fun i => z i * (L i l * sum n (fun j => L j l * z j))))).
    - apply sum_ext; intros l _. set (S := sum n (fun i => L i l * z i)).
      rewrite (sum_ext n _ (fun i => S * (L i l * z i))) by (intros; ring). rewrite sum_scale. reflexivity.
    - rewrite sum_swap. apply sum_ext; intros i _. rewrite sum_scale. f_equal.
      transitivity (sum n (fun l => sum n (fun j => L i l * L j l * z j))).
      + apply sum_ext; intros l _. rewrite <- sum_scale. apply sum_ext; intros. ring.
      + rewrite sum_swap. apply sum_ext; intros j _.
        rewrite (sum_ext n _ (fun l => z j * (L i l * L j l))) by (intros; ring). rewrite sum_scale. ring. }
  rewrite E. unfold form, sqnorm. rewrite <- sum_scale, <- !sum_plus. apply sum_ext; intros i Hi.
  unfold residual. rewrite (sum_ext n (fun j => (_ - _ - _) * _) (fun j => A i j * z j - s * (delta i j * z j) - sum n (fun l => L i l * L j l) * z j)) by (intros; ring).
  rewrite !sum_minus, sum_scale, sum_delta by auto. ring.
Qed.

Theorem definite A : sum n (fun i => sqnorm n (residual A i)) <= e * e ->
  forall z, (s - e) * sqnorm n z <= form n A z z <= (sum n (fun l => sqnorm n (fun i => L i l)) + s + e) * sqnorm n z.
Proof.
  intros E z. assert (Fr := proj1 (Rabs_le_between _ _) (frobenius n _ z e e_nonneg E)). rewrite form_factor.
  assert (Sz := sqnorm_nonneg n z). split; [assert (P := sqnorm_nonneg n (fun l => sum n (fun i => L i l * z i))); lra|].
  assert (sqnorm n (fun l => sum n (fun i => L i l * z i)) <= sum n (fun l => sqnorm n (fun i => L i l)) * sqnorm n z); [|lra].
  rewrite Rmult_comm, <- sum_scale. apply sum_le; intros l _. rewrite (Rmult_comm (sqnorm n z)).
  apply (sum_cauchy_schwarz n (fun i => L i l) z).
Qed.
End Definite.
