(** The whole test, its soundness, and the three arithmetics.  Certificate files use this module only. *)

From Coq Require Import Reals Lra Lia Psatz List ZArith QArith Qreals Bool.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Xreal Interval Float_full Float Basic Sig Specific_bigint Specific_ops Specific_stdz Primitive_ops.
From Certify Require Import Sums Contraction Convexity Kernel Statement Landscape Conclusion Enclosures Check.
Import ListNotations.
Open Scope R_scope.

Lemma lower_triangle n (E : nat -> nat -> R) : (forall i j, E i j = E j i) ->
  sum n (fun i => sqnorm n (E i)) <= 2 * sum n (fun i => sqnorm (S i) (E i)).
Proof.
  intros S. induction n; simpl sum; [lra|].
  assert (A : sum n (fun i => sqnorm (Datatypes.S n) (E i)) = sum n (fun i => sqnorm n (E i)) + sqnorm n (E n)).
  { unfold sqnorm at 3. rewrite <- sum_plus. apply sum_ext; intros i _. unfold sqnorm. simpl. rewrite (S i n). reflexivity. }
  rewrite A. change (sqnorm (Datatypes.S n) (E n)) with (sqnorm n (E n) + E n n * E n n). nra.
Qed.

(** The parts of the test, by name. *)
Inductive part := Shapes | Radii | Curvature | Separation | Gradient | Lower_bound | Upper_bound | Definiteness.

Module Certificate (F : FloatOps with Definition radix := Zaux.radix2 with Definition sensible_format := true).
Module C := Check F.
Import C.
Import E.

Section Data.
Variables (prec : F.precision) (K M d : nat).
Variables (vden wden lden : BinNums.positive) (Vz Wz Lz : list (list Z)).
Variables (r rho s e mu lower upper : QArith_base.Q).
Notation V := (entry vden Vz).
Notation W0 := (entry wden Wz).
Notation L := (entry lden Lz).
Notation vector := (list I.type).
Notation q := (rational prec).

Definition shaped (n : nat) (rows : list (list Z)) : bool :=
  Nat.eqb (length rows) n && forallb (fun l => Nat.eqb (length l) d) rows.

Definition exact_rows (den : BinNums.positive) (rows : list (list Z)) : list vector :=
  map (map (fun z => q (z # den))) rows.
Definition spread : I.type := I.join (I.neg (q r)) (q r).
Definition box_rows : list vector := map (map (fun z => plus prec (q (z # wden)) spread)) Wz.

Definition centre : list vector := exact_rows wden Wz ++ exact_rows vden Vz.
Definition around : list vector := box_rows ++ exact_rows vden Vz.

Definition two_pi : I.type := times prec (int prec 2) (I.pi prec).
Definition m : QArith_base.Q := (s - e)%Q.
Definition energy_at_centre : I.type :=
  plus prec (energy_sum prec K centre) (energy_sum prec M (exact_rows vden Vz)).

Definition parts : list (part * bool) := [
  (Shapes, shaped K Wz && shaped M Vz && short d K Lz && Nat.leb 1 M);
  (Radii, less prec (int prec 0) (q rho) && less prec (q rho) (q r));
  (Curvature, less prec (int prec 0) (q e) && less prec (int prec 0) (q m) && less prec (int prec 0) (q mu)
    && less prec (times prec two_pi (q mu)) (q m));
  (Separation, all_separate prec M (exact_rows vden Vz) && all_separate prec K centre && all_separate prec K around);
  (Gradient, less prec (squares prec (gradient_list prec d K centre)) (I.sqr prec (times prec (q m) (q rho))));
  (Lower_bound, less prec (times prec two_pi (q lower)) (minus prec energy_at_centre (times prec (q m) (I.sqr prec (q rho)))));
  (Upper_bound, less prec energy_at_centre (times prec two_pi (q upper)));
  (Definiteness,
    less prec (times prec (int prec 2) (total prec (residual_rows prec lden Lz (hessian_rows prec d K around (q s)))))
              (I.sqr prec (q e)))].

Definition check : bool := forallb snd parts.
(** what a refused file fails in *)
Definition failed : list part := map fst (filter (fun p => negb (snd p)) parts).

Lemma has_sqr a x : has a x -> has (I.sqr prec a) (x * x).
Proof. intros A. generalize (I.sqr_correct prec a (Xreal x) A). unfold has. simpl. auto. Qed.

Lemma nth_map_rows {T} (h : list Z -> T) rows j v : nth_error (map h rows) j = Some v ->
  (j < length rows)%nat /\ v = h (nth j rows nil).
Proof.
  intros E. rewrite nth_error_map in E. destruct (nth_error rows j) as [l|] eqn:El; [|discriminate]. injection E as <-.
  split; [apply nth_error_Some; rewrite El; discriminate|]. rewrite (nth_error_nth rows j nil El). reflexivity.
Qed.

Lemma shaped_row n rows j : shaped n rows = true -> (j < n)%nat -> length (nth j rows nil) = d.
Proof.
  unfold shaped. rewrite andb_true_iff, forallb_forall. intros [A B] Hj. apply Nat.eqb_eq in A. apply Nat.eqb_eq, B, nth_In. lia.
Qed.

Lemma shaped_length n rows : shaped n rows = true -> length rows = n.
Proof. unfold shaped. rewrite andb_true_iff. intros [A _]. apply Nat.eqb_eq. exact A. Qed.

Lemma exact_vec den rows n j v : shaped n rows = true -> nth_error (exact_rows den rows) j = Some v -> vec d v (entry den rows j).
Proof.
  intros Sh E. apply nth_map_rows in E as [Hj ->]. rewrite (shaped_length _ _ Sh) in Hj. split.
  - rewrite map_length. apply (shaped_row n); auto.
  - apply covers_inside. apply (covers_ints prec den (nth j rows nil)).
Qed.

Lemma spread_has y : - Q2R r <= y <= Q2R r -> has spread y.
Proof.
  intros H. unfold spread, has. apply (contains_connected _ (- Q2R r) (Q2R r)).
  - apply I.join_correct. left. apply (has_neg _ _ (has_rational prec r)).
  - apply I.join_correct. right. apply (has_rational prec r).
  - exact H.
Qed.

Lemma box_vec x j v : shaped K Wz = true -> box (K * d) (flat d W0) (Q2R r) x -> nth_error box_rows j = Some v -> vec d v (student d x j).
Proof.
  intros Sh B E. apply nth_map_rows in E as [Hj ->]. rewrite (shaped_length _ _ Sh) in Hj.
  assert (Len := shaped_row K Wz j Sh Hj). split; [rewrite map_length; exact Len|].
  assert (G : forall l (f g : nat -> R), (forall k, (k < length l)%nat -> Rabs (f k - g k) <= Q2R r) ->
    (forall k, (k < length l)%nat -> g k = Q2R (nth k l 0%Z # wden)) ->
    inside (map (fun z => plus prec (q (z # wden)) spread) l) f).
  { induction l as [|z l IH]; intros f g Hb Hg; simpl; auto. split.
    - assert (A := Hb O ltac:(simpl; lia)). rewrite (Hg O) in A by (simpl; lia). simpl in A.
      replace (f O) with (Q2R (z # wden) + (f O - Q2R (z # wden))) by ring.
      apply has_plus; [apply has_rational|]. apply spread_has, Rabs_le_between, A.
    - apply (IH (fun k => f (S k)) (fun k => g (S k))).
      + intros k Hk. apply Hb. simpl. lia.
      + intros k Hk. rewrite Hg by (simpl; lia). reflexivity. }
  apply (G _ _ (W0 j)).
  - intros k Hk. rewrite Len in Hk. assert (A := B _ (flat_less K d j k Hj Hk)).
    change (flat d W0 (j * d + k)%nat) with (student d (flat d W0) j k) in A. rewrite student_flat in A by auto. exact A.
  - intros k Hk. reflexivity.
Qed.

Lemma rows_of x (rows : list vector) : length rows = K -> shaped M Vz = true ->
  (forall j v, nth_error rows j = Some v -> vec d v (student d x j)) ->
  length (rows ++ exact_rows vden Vz) = (K + M)%nat /\
  forall j v, nth_error (rows ++ exact_rows vden Vz) j = Some v -> vec d v (row K d V x j).
Proof.
  intros Len Sh R. split.
  - rewrite app_length, Len. unfold exact_rows. rewrite map_length, (shaped_length _ _ Sh). reflexivity.
  - intros j v E. unfold row. destruct (Nat.ltb_spec j K) as [Hj|Hj].
    + rewrite nth_error_app1 in E by lia. apply R. exact E.
    + rewrite nth_error_app2 in E by lia. rewrite Len in E. apply (exact_vec vden Vz M); auto.
Qed.

Theorem check_sound : check = true ->
  exists W, certified K M d V W0 (Q2R r) (Q2R rho) (Q2R mu) (Q2R lower) (Q2R upper) W.
Proof.
  unfold check, parts. cbn [forallb snd]. rewrite !andb_true_iff.
  intros [[[[ShW ShV] Short] HM] [[Rho Rr] [[[[He Hm] Hmu] Hmm] [[[SepV SepC] SepA] [Gr [Lo [Up [Res _]]]]]]]].
  apply Nat.leb_le in HM. assert (z0 := has_int prec 0).
  assert (Hq := has_rational prec). assert (tp : has two_pi (2 * PI)) by (apply has_times; [apply (has_int prec 2)|apply has_pi]).
  assert (Rho' := less_true _ _ _ _ _ Rho z0 (Hq rho)). assert (Rr' := less_true _ _ _ _ _ Rr (Hq rho) (Hq r)).
  assert (He' := less_true _ _ _ _ _ He z0 (Hq e)). assert (Hm' := less_true _ _ _ _ _ Hm z0 (Hq m)).
  assert (Hmu' := less_true _ _ _ _ _ Hmu z0 (Hq mu)).
  assert (Hmm' := less_true _ _ _ _ _ Hmm (has_times _ _ _ _ _ tp (Hq mu)) (Hq m)).
  assert (Em : Q2R m = Q2R s - Q2R e) by (unfold m; apply Q2R_minus).
  set (x0 := flat d W0).
  assert (Cen : forall j v, nth_error (exact_rows wden Wz) j = Some v -> vec d v (student d x0 j)).
  { intros j v E. destruct (exact_vec wden Wz K j v ShW E) as [Len A]. split; [exact Len|].
    eapply inside_ext; [|exact A]. intros k Hk. unfold x0. rewrite student_flat; [reflexivity|].
    change (length v = d) in Len. rewrite <- Len. exact Hk. }
  assert (LenC : length (exact_rows wden Wz) = K) by (unfold exact_rows; rewrite map_length; apply shaped_length; auto).
  assert (LenB : length box_rows = K) by (unfold box_rows; rewrite map_length; apply shaped_length; auto).
  destruct (rows_of x0 _ LenC ShV Cen) as [LC RC].
  assert (Around : forall x, box (K * d) x0 (Q2R r) x -> length around = (K + M)%nat /\
     forall j v, nth_error around j = Some v -> vec d v (row K d V x j)).
  { intros x Bx. apply rows_of; auto. intros j v E. apply (box_vec x j v ShW Bx E). }
  assert (DomC := all_domain prec d K M V x0 centre LC RC SepC).
  assert (Dom : forall x, box (K * d) x0 (Q2R r) x -> domain K M d V x).
  { intros x Bx. destruct (Around x Bx) as [LA RA]. exact (all_domain prec d K M V x around LA RA SepA). }
  (* the loss of the teachers among themselves is that of M students without teachers *)
  assert (RV : forall j v, nth_error (exact_rows vden Vz) j = Some v -> vec d v (row M d V (flat d V) j)).
  { intros j v E. assert (Hj := proj1 (nth_map_rows _ _ _ _ E)). rewrite (shaped_length _ _ ShV) in Hj.
    destruct (exact_vec vden Vz M j v ShV E) as [Len A]. unfold row. rewrite (proj2 (Nat.ltb_lt j M) Hj). split; [exact Len|].
    eapply inside_ext; [|exact A]. intros k Hk. rewrite student_flat; [reflexivity|].
    change (length v = d) in Len. rewrite <- Len. exact Hk. }
  assert (LV : length (exact_rows vden Vz) = (M + 0)%nat) by (unfold exact_rows; rewrite map_length, (shaped_length _ _ ShV); lia).
  assert (EV := energy_sum_ok prec d M 0 V (flat d V) _ LV RV SepV).
  assert (DV := all_domain prec d M 0 V (flat d V) _ LV RV SepV).
  assert (TE : energy M 0 d V (flat d V) = teacher_energy M d V).
  { rewrite energy_loss by exact DV. unfold Loss, teacher_energy. cbn [sum].
    rewrite (sum_zero M (fun i => 0)) by auto.
    rewrite (sum_ext M (fun i => sum M (fun j => g d (student d (flat d V) i) (student d (flat d V) j))) (fun i => sum M (fun j => g d (V i) (V j)))).
    - field.
    - intros i Hi. apply sum_ext; intros j Hj. apply g_ext; intros; apply student_flat; auto. }
  assert (TE' : teacher_energy 0 d V = 0) by (unfold teacher_energy; simpl; ring).
  assert (EC : has energy_at_centre (energy K M d V x0)).
  { unfold energy. apply has_plus; [exact (energy_sum_ok prec d K M V x0 _ LC RC SepC)|].
    rewrite <- TE. unfold energy. rewrite TE', Rplus_0_r. exact EV. }
  assert (GC := gradient_ok prec d K M V x0 _ LC RC SepC).
  assert (Gr' := less_true _ _ _ _ _ Gr GC (has_sqr _ _ (has_times _ _ _ _ _ (Hq m) (Hq rho)))).
  assert (Lo' := less_true _ _ _ _ _ Lo (has_times _ _ _ _ _ tp (Hq lower)) (has_minus _ _ _ _ _ EC (has_times _ _ _ _ _ (Hq m) (has_sqr _ _ (Hq rho))))).
  assert (Up' := less_true _ _ _ _ _ Up EC (has_times _ _ _ _ _ tp (Hq upper))).
  set (B := sum (K * d) (fun l => sqnorm (K * d) (fun i => L i l)) + Q2R s + Q2R e).
  apply (conclusion K M d V W0 (Q2R r) (Q2R rho) (Q2R mu) (Q2R lower) (Q2R upper) (Q2R m) B); try lra; auto.
  - intros x z Bx. rewrite Em. unfold B. apply (definite (K * d) L (Q2R s) (Q2R e) ltac:(lra)).
    destruct (Around x Bx) as [LA RA].
    destruct (hessian_rows_ok prec d K M V x around LA RA SepA (q s) (Q2R s) (Hq s) HM) as [HR HL].
    assert (Sy : forall i j, residual (K * d) L (Q2R s) (hessian K M d V x) i j = residual (K * d) L (Q2R s) (hessian K M d V x) j i).
    { intros i j. unfold residual. rewrite hessian_symmetric. unfold delta. rewrite Nat.eqb_sym. f_equal. apply sum_ext; intros; ring. }
    eapply Rle_trans; [apply (lower_triangle _ _ Sy)|]. apply Rlt_le.
    apply (less_true _ _ _ _ _ Res); [|apply has_sqr, Hq].
    apply has_times; [apply (has_int prec 2)|].
    set (rows := residual_rows prec lden Lz (hessian_rows prec d K around (q s))).
    assert (LF : length (factor prec lden Lz) = (K * d)%nat).
    { unfold factor. rewrite map_length. unfold short in Short. apply andb_prop in Short as [A _]. apply Nat.eqb_eq. exact A. }
    assert (LR : length rows = (K * d)%nat).
    { transitivity (Nat.min (length (hessian_rows prec d K around (q s))) (length (factor prec lden Lz))); [apply zip_length|].
      rewrite HL, LF. apply Nat.min_id. }
    generalize (total_ok prec rows (fun n => sqnorm (S n) (residual (K * d) L (Q2R s) (hessian K M d V x) n)) 0).
    rewrite LR. intros T. apply T. clear T.
    assert (HR' := insides_bound _ _ _ HR). rewrite HL in HR'.
    apply (insides_zip _ _ _ _ _ _ 0) with (2 := HR') (3 := factor_ok prec d K lden Lz Short).
    intros h l n [[Lh Ih] Hn] [Cl Ll]. apply squares_inside.
    + transitivity (Nat.min (length h) (length (factor prec lden Lz))); [apply zip_length|]. rewrite Lh, LF. lia.
    + apply (residual_row prec d K lden Lz h l n (fun m => hessian K M d V x n m - Q2R s * delta n m)); auto.
  - unfold B. assert (0 <= sum (K * d) (fun l => sqnorm (K * d) (fun i => L i l))) by (apply sum_nonneg; intros; apply sqnorm_nonneg). lra.
  - apply norm_le_of_sq; [apply Rmult_le_pos; lra|]. apply Rlt_le. exact Gr'.
  - apply Rlt_le. exact Lo'.
  - apply Rlt_le. exact Up'.
Qed.
End Data.
End Certificate.

Theorem spurious_minimum K M d V W0 r rho mu lower upper : Nat.leb 1 M = true -> Nat.leb M K = true -> 0 < lower ->
  (exists W, certified K M d V W0 r rho mu lower upper W) ->
  exists W, strict_local_minimum K M d V W /\ not_global K M d V W.
Proof.
  intros A B P [W C]. exists W. split; [apply (minimum _ _ _ _ _ _ _ _ _ _ _ C)|].
  apply not_global_of_positive; [apply Nat.leb_le in A; apply Nat.leb_le in B; lia|].
  assert (L := bounds _ _ _ _ _ _ _ _ _ _ _ C). lra.
Qed.

Lemma positive_rational n d : 0 < Q2R (Zpos n # d).
Proof. unfold Q2R. apply Rmult_lt_0_compat; [apply IZR_lt; reflexivity|]. apply Rinv_0_lt_compat, IZR_lt. reflexivity. Qed.

(** * Three arithmetics *)

Module BigIntFloat := SpecificFloat BigIntRadix2.
Module IntegerFloat := SpecificFloat StdZRadix2.
Module Floats := Certificate PrimitiveFloat.
Module BigInts := Certificate BigIntFloat.
Module Integers := Certificate IntegerFloat.
