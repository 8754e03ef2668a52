"""The service matters of the demonstration, by agency: plain lists, entered by materials.py."""

from __future__ import annotations

from dataclasses import dataclass

from sharing.models import MaterialForm, MatterKind

ORIGINAL, COPY, BOTH, FILLED = MaterialForm.ORIGINAL, MaterialForm.COPY, MaterialForm.BOTH, MaterialForm.FILLED


@dataclass(frozen=True, kw_only=True)
class Material:
    """A material that a matter asks for."""

    label: str
    form: MaterialForm = COPY
    source: str = ""
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Matter:
    """A service matter."""

    code: str
    name: str
    kind: MatterKind
    basis: str
    materials: tuple[Material, ...]


def _m(label: str, form: MaterialForm = COPY, source: str = "", *, required: bool = True) -> Material:
    return Material(label=label, form=form, source=source, required=required)


IDENTITY = _m("居民身份证", COPY, "公安机关")
HOUSEHOLD = _m("居民户口簿", COPY, "公安机关")
MARRIAGE = _m("婚姻状况证明", ORIGINAL, "民政部门")
LOW_INCOME = _m("最低生活保障证明", ORIGINAL, "民政部门")
LICENCE = _m("营业执照", COPY, "市场监管部门")
CLEAN = _m("无行政处罚记录证明", ORIGINAL, "市场监管部门")


def _matter(number: str, name: str, kind: MatterKind, basis: str, *materials: Material) -> Matter:
    return Matter(code=f"115201000000000{number}", name=name, kind=kind, basis=basis, materials=materials)


K = MatterKind
MATTERS: dict[str, tuple[Matter, ...]] = {
    "市自然资源和规划局": (
        _matter(
            "0101",
            "不动产转移登记（存量房买卖）",
            K.CONFIRMATION,
            "《不动产登记暂行条例》第十六条",
            _m("不动产登记申请书", FILLED, "申请人"),
            IDENTITY,
            MARRIAGE,
            _m("不动产权属证书", ORIGINAL, "不动产登记机构"),
            _m("存量房买卖合同", ORIGINAL, "申请人"),
            _m("契税完税凭证", COPY, "税务部门"),
        ),
        _matter(
            "0102",
            "不动产抵押登记",
            K.CONFIRMATION,
            "《不动产登记暂行条例》第十六条",
            _m("不动产登记申请书", FILLED, "申请人"),
            IDENTITY,
            _m("婚姻状况证明（原件及复印件）", BOTH, "民政部门"),
            _m("抵押合同", ORIGINAL, "申请人"),
        ),
    ),
    "市住建局": (
        _matter(
            "0201",
            "公共租赁住房保障资格申请",
            K.PAYMENT,
            "《公共租赁住房管理办法》第七条",
            _m("公共租赁住房申请表", FILLED, "申请人"),
            IDENTITY,
            HOUSEHOLD,
            _m("婚姻状况证明（原件）", ORIGINAL, "民政部门"),
            _m("最低生活保障证明（原件）", ORIGINAL, "民政部门", required=False),
            _m("家庭收入证明", ORIGINAL, "用人单位"),
        ),
        _matter(
            "0202",
            "商品房预售许可",
            K.LICENCE,
            "《中华人民共和国城市房地产管理法》第四十五条",
            LICENCE,
            _m("建设工程规划许可证", COPY, "自然资源和规划部门"),
            _m("施工许可证", COPY, "住房和城乡建设部门"),
            _m("预售方案", ORIGINAL, "申请人"),
        ),
        _matter(
            "0203",
            "住房公积金贷款购房备案",
            K.PUBLIC_SERVICE,
            "《住房公积金管理条例》第二十六条",
            IDENTITY,
            MARRIAGE,
            _m("购房合同", COPY, "申请人"),
        ),
    ),
    "市民政局": (
        _matter(
            "0301",
            "临时救助申请",
            K.PAYMENT,
            "《社会救助暂行办法》第四十七条",
            _m("临时救助申请表", FILLED, "申请人"),
            IDENTITY,
            LOW_INCOME,
            _m("困难情况说明", ORIGINAL, "申请人"),
        ),
        _matter(
            "0302",
            "特困人员救助供养认定",
            K.CONFIRMATION,
            "《社会救助暂行办法》第十四条",
            _m("特困人员救助供养申请书", FILLED, "申请人"),
            IDENTITY,
            HOUSEHOLD,
            LOW_INCOME,
        ),
        _matter(
            "0303",
            "收养登记",
            K.CONFIRMATION,
            "《中国公民收养子女登记办法》第五条",
            _m("收养登记申请书", FILLED, "申请人"),
            IDENTITY,
            HOUSEHOLD,
            _m("婚姻状况证明（原件）", ORIGINAL, "民政部门"),
            _m("体检报告", ORIGINAL, "医疗机构"),
        ),
        _matter(
            "0304",
            "养老机构备案",
            K.OTHER,
            "《养老机构管理办法》第九条",
            _m("养老机构备案书", FILLED, "申请人"),
            LICENCE,
            _m("消防安全合格证明", COPY, "消防救援机构"),
        ),
    ),
    "市教育局": (
        _matter(
            "0401",
            "家庭经济困难学生资助",
            K.PAYMENT,
            "《中华人民共和国教育法》第三十八条",
            _m("家庭经济困难学生认定申请表", FILLED, "申请人"),
            LOW_INCOME,
            HOUSEHOLD,
        ),
        _matter(
            "0402",
            "民办学校设立许可",
            K.LICENCE,
            "《中华人民共和国民办教育促进法》第十二条",
            _m("筹设批准书", COPY, "教育部门"),
            _m("学校章程", ORIGINAL, "申请人"),
            CLEAN,
        ),
        _matter(
            "0403",
            "教师资格认定",
            K.CONFIRMATION,
            "《教师资格条例》第十三条",
            IDENTITY,
            _m("学历证书", COPY, "毕业院校"),
            _m("普通话水平测试等级证书", COPY, "语言文字工作部门"),
            _m("体格检查合格证明", ORIGINAL, "医疗机构"),
        ),
    ),
    "市医保局": (
        _matter(
            "0501",
            "定点医疗机构协议管理申请",
            K.PUBLIC_SERVICE,
            "《医疗机构医疗保障定点管理暂行办法》第六条",
            _m("定点医疗机构申请表", FILLED, "申请人"),
            _m("医疗机构执业许可证（正本复印件）", COPY, "卫生健康部门"),
            LICENCE,
        ),
        _matter(
            "0502",
            "医疗救助对象费用报销",
            K.PAYMENT,
            "《社会救助暂行办法》第二十九条",
            IDENTITY,
            LOW_INCOME,
            _m("医疗费用票据", ORIGINAL, "医疗机构"),
        ),
    ),
    "市人社局": (
        _matter(
            "0601",
            "就业困难人员认定",
            K.CONFIRMATION,
            "《中华人民共和国就业促进法》第五十二条",
            IDENTITY,
            _m("最低生活保障证明（复印件）", COPY, "民政部门", required=False),
            _m("失业登记证明", COPY, "人力资源社会保障部门"),
        ),
        _matter(
            "0602",
            "人力资源服务许可",
            K.LICENCE,
            "《人力资源市场暂行条例》第十八条",
            LICENCE,
            _m("场所使用证明", COPY, "申请人"),
            CLEAN,
        ),
    ),
    "市交通委": (
        _matter(
            "0701",
            "道路旅客运输经营许可",
            K.LICENCE,
            "《中华人民共和国道路运输条例》第十条",
            _m("道路旅客运输经营申请表", FILLED, "申请人"),
            LICENCE,
            _m("拟投入车辆承诺书", ORIGINAL, "申请人"),
            CLEAN,
        ),
        _matter(
            "0702",
            "公交免费卡申领",
            K.PUBLIC_SERVICE,
            "《贵州省老年人权益保障条例》第三十二条",
            IDENTITY,
            LOW_INCOME,
            _m("近期照片", MaterialForm.ELECTRONIC, "申请人"),
        ),
    ),
}
IMPORTED: dict[str, tuple[Matter, ...]] = {
    "市卫健局": (
        _matter(
            "0801",
            "医疗机构校验",
            K.LICENCE,
            "《医疗机构管理条例》第二十一条",
            _m("医疗机构校验申请书", FILLED, "申请人"),
            _m("医疗机构执业许可证副本", COPY, "卫生健康部门"),
        ),
        _matter(
            "0802",
            "再生育审批",
            K.OTHER,
            "《贵州省人口与计划生育条例》",
            IDENTITY,
            HOUSEHOLD,
            _m("结婚证", COPY, "民政部门"),
            MARRIAGE,
        ),
        _matter(
            "0803",
            "公共场所卫生许可",
            K.LICENCE,
            "《公共场所卫生管理条例》第四条",
            _m("公共场所卫生许可申请表", FILLED, "申请人"),
            LICENCE,
            _m("卫生检测报告", ORIGINAL, "检测机构"),
        ),
        _matter(
            "0804",
            "计划生育家庭特别扶助金申领",
            K.PAYMENT,
            "《中华人民共和国人口与计划生育法》第四十八条",
            IDENTITY,
            MARRIAGE,
            _m("子女死亡或者伤残证明", ORIGINAL, "医疗机构"),
        ),
    ),
}
"""Entered from a file."""
