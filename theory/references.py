"""References are data: rules, theorems and checks hold a `Source`; prose prints it. No SymPy here.

Each identifier stands once, in `BIBLIOGRAPHY`. A `Source` names a key, the place in that paper, and
whether the wording was checked against the paper or only the mathematics was derived again.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import RuleError, UnknownName, nearest

BIBLIOGRAPHY: dict[str, str] = {
    "robbins1951stochastic": "Robbins & Monro, A stochastic approximation method, Ann. Math. Statist. 22(3), 1951",
    "polyak1964some": "Polyak, Some methods of speeding up the convergence of iteration methods, 1964",
    "sutskever2013importance": "Sutskever et al., On the importance of initialization and momentum, ICML 2013",
    "hinton2012rmsprop": "Tieleman & Hinton, RMSprop, Coursera lecture 6.5, 2012",
    "duchi2011adaptive": "Duchi, Hazan & Singer, Adaptive subgradient methods, JMLR 12, 2011",
    "kingma2015adam": "Kingma & Ba, Adam, ICLR 2015, arXiv:1412.6980v9",
    "reddi2018convergence": "Reddi, Kale & Kumar, On the convergence of Adam and beyond, ICLR 2018, arXiv:1904.09237",
    "loshchilov2019decoupled": "Loshchilov & Hutter, Decoupled weight decay regularization, "
    "ICLR 2019, arXiv:1711.05101",
    "chen2022towards": "Chen et al., Towards practical Adam, JMLR 23(229), 2022, arXiv:2101.05471",
    "chen2023symbolic": "Chen et al., Symbolic discovery of optimization algorithms, 2023, arXiv:2302.06675",
    "taniguchi2024adopt": "Taniguchi et al., ADOPT, NeurIPS 2024, arXiv:2411.02853",
    "malladi2022sdes": "Malladi et al., On the SDEs and scaling rules for adaptive gradient algorithms, "
    "NeurIPS 2022, arXiv:2205.10287",
    "li2021validity": "Li, Malladi & Arora, On the validity of modeling SGD with SDEs, NeurIPS 2021, arXiv:2102.12470",
    "li2017stochastic": "Li, Tai & E, Stochastic modified equations, ICML 2017, arXiv:1511.06251; JMLR 20(40), 2019",
    "umeda2024increasing": "Umeda & Iiduka, Increasing both batch size and learning rate, 2024, arXiv:2409.08770",
    "schaipp2024momo": "Schaipp et al., MoMo: momentum models for adaptive learning rates, ICML 2024, arXiv:2305.07583",
    "you2020large": "You et al., Large batch optimization for deep learning (LAMB), ICLR 2020, arXiv:1904.00962",
    "dozat2016incorporating": "Dozat, Incorporating Nesterov momentum into Adam, ICLR workshop 2016",
    "liu2020variance": "Liu et al., On the variance of the adaptive learning rate (RAdam), ICLR 2020, arXiv:1908.03265",
    "defazio2024road": "Defazio et al., The road less scheduled, NeurIPS 2024, arXiv:2405.15682",
    "jordan2024muon": "Jordan et al., Muon: an optimizer for hidden layers, 2024",
    "bernstein2018signsgd": "Bernstein et al., signSGD: compressed optimisation for non-convex problems, "
    "ICML 2018, arXiv:1802.04434",
    "goyal2017accurate": "Goyal et al., Accurate, large minibatch SGD, 2017, arXiv:1706.02677",
    "zeiler2012adadelta": "Zeiler, ADADELTA: an adaptive learning rate method, 2012, arXiv:1212.5701",
    "riedmiller1993direct": "Riedmiller & Braun"
    ", A direct adaptive method for faster backpropagation learning, ICNN 1993",
    "igel2000improving": "Igel & Huesken, Improving the Rprop learning algorithm, NC 2000",
    "polyak1992acceleration": "Polyak & Juditsky"
    ", Acceleration of stochastic approximation by averaging, SIAM 30(4), 1992",
    "zhuang2020adabelief": "Zhuang et al., AdaBelief optimizer, NeurIPS 2020, arXiv:2010.07468",
    "zaheer2018adaptive": "Zaheer et al., Adaptive methods for nonconvex optimization (Yogi), NeurIPS 2018",
    "xie2022adan": "Xie et al., Adan: adaptive Nesterov momentum algorithm, 2022, arXiv:2208.06677",
    "pagliardini2024ademamix": "Pagliardini, Ablin & Grangier, The AdEMAMix optimizer, 2024, arXiv:2409.03137",
    "ziyin2020laprop": "Ziyin, Wang & Ueda, LaProp, 2020, arXiv:2002.04839",
    "defazio2021adaptivity": "Defazio & Jelassi, Adaptivity without compromise (MADGRAD), 2021, arXiv:2101.11075",
    "ma2019quasi": "Ma & Yarats, Quasi-hyperbolic momentum and Adam, ICLR 2019, arXiv:1810.06801",
    "luo2019adaptive": "Luo et al., Adaptive gradient methods with dynamic bound of learning rate"
    " (AdaBound), ICLR 2019, arXiv:1902.09843",
    "shazeer2018adafactor": "Shazeer & Stern, Adafactor, ICML 2018, arXiv:1804.04235",
    "zhang2019lookahead": "Zhang et al."
    ", Lookahead optimizer: k steps forward, 1 step back, NeurIPS 2019, arXiv:1907.08610",
    "defossez2022simple": "Defossez et al., A simple convergence proof of Adam and Adagrad, TMLR 2022",
    "zou2019sufficient": "Zou et al., A sufficient condition for convergences of Adam and RMSProp, "
    "CVPR 2019, arXiv:1811.09358",
    "zhang2022adam": "Zhang et al., Adam can converge without any modification on update rules, NeurIPS 2022",
    "shi2021rmsprop": "Shi et al., RMSprop converges with proper hyper-parameter, ICLR 2021",
    "huang2019nostalgic": "Huang, Wang & Dong, Nostalgic Adam, IJCAI 2019, arXiv:1805.07557",
    "liang2024cautious": "Liang et al., Cautious optimizers, 2024, arXiv:2411.16085",
}


@dataclass(frozen=True)
class Source:
    """Where a statement comes from.

    key: entry of BIBLIOGRAPHY.   where: "Algorithm 1", "Eq. (7)", "Section 4.3".
    note: how it was checked, and every renaming from the paper's letters to ours.
    reference: authors, title, venue, identifier, for a key that is not in BIBLIOGRAPHY (a rule of your own).
    """

    key: str
    where: str
    note: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        for text in (self.key, self.where, self.note, self.reference):
            # It is printed, and stands in a comment at the head of emitted code: a line break would end the comment.
            if not isinstance(text, str) or not text.isprintable():
                raise RuleError(f"Source: {text!r} is not a line of text.", "", "Write printable characters only.")
        if self.key not in BIBLIOGRAPHY and not self.reference:
            raise UnknownName(
                f"Source key '{self.key}' is not in the bibliography.",
                "References are data, so that no identifier is typed twice.",
                nearest(self.key, BIBLIOGRAPHY) + ' Or give it: reference="Authors, title, venue, identifier".',
            )
        if self.key in BIBLIOGRAPHY and self.reference:
            raise RuleError(
                f"Source '{self.key}' is in the bibliography and gives a reference of its own.",
                "References are data, so that no identifier is typed twice.",
                "Leave reference out.",
            )

    @property
    def paper(self) -> str:
        return BIBLIOGRAPHY.get(self.key, self.reference)

    def __str__(self) -> str:
        return f"{self.paper}, {self.where}"
